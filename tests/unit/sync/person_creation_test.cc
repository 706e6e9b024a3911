// Contacts of chosen lists that become persons.

#include "sync/person_creation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <optional>

#include "absl/strings/str_cat.h"
#include "brevo/webhook_decoder.h"
#include "model/wire.h"
#include "support/sync_fixture.h"
#include "sync/brevo_ingest.h"
#include "sync/converge.h"
#include "sync/event_dispatch.h"

namespace connector::sync {
namespace {

using connector::testing::FakeBrevo;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kSignUps = connector::testing::FakeBrevo::kList + 1;

class PersonCreationTest : public connector::testing::SyncFixture {
 protected:
  void SetUp() override {
    settings.person_mapping = {Rule("email", "email"), Rule("first_name", "FIRSTNAME"),
                               Rule("last_name", "LASTNAME"), Rule("phone", "SMS")};
    settings.two_way.create_persons_from = {kSignUps};
    pipedrive.Put(1, "ann@x.de");
    RunAll();
    RunAll(Full());
    Forget();
  }
  void Forget() {
    ForgetCalls();
    person_writes.calls.clear();
    person_writes.writes.clear();
  }
  Contact& SignUp(const std::string& email) {
    clock.Advance(std::chrono::seconds(5));
    Contact& contact = brevo.Put(email, {kSignUps});
    FakeBrevo::Set(contact, "FIRSTNAME", std::string("Bob"));
    FakeBrevo::Set(contact, "SMS", std::string("49309998887"));
    return contact;
  }
  void Hear(const std::string& email) {
    const auto told =
        brevo::DecodeWebhook(absl::StrCat(R"({"id":7,"event":"list_addition","ts":1,"email":")",
                                          email, R"(","list_id":[)", kSignUps, "]}"));
    ASSERT_TRUE(told.ok()) << told.status();
    store::InboxEntry entry;
    entry.connection = settings.connection;
    entry.source = store::EventSource::kBrevo;
    entry.key = absl::StrCat("e", ++events_);
    entry.lane = LaneOf(email);
    entry.received_at = clock.Now();
    entry.body = Encode(told->changes.at(0));
    std::promise<void> stored;
    store->AppendInbox(entry, [&](const auto& outcome) {
      EXPECT_TRUE(outcome.ok());
      stored.set_value();
    });
    stored.get_future().get();
  }
  // What is in the inbox, handled; true if it could be committed.
  bool Handle(bool commit = true) {
    const Accounts accounts = MakeAccounts();
    PlanningCache plannings(accounts);
    BrevoIngest brevo_ingest(accounts, plannings);
    EventDispatch dispatch(brevo_ingest, brevo_ingest);
    const std::string owner = absl::StrCat("w", ++events_);
    const auto leased =
        store->LeaseInbox(settings.connection, owner, clock.Now(), std::chrono::minutes(1), 100);
    if (!leased.ok() || leased->empty()) return false;
    const auto batch = dispatch.Handle(*leased, {});
    EXPECT_TRUE(batch.ok()) << batch.status();
    if (!batch.ok() || !commit || !batch->unhandled.empty()) return false;
    const auto done = store->FinishIngest(settings.connection, owner, *batch);
    EXPECT_TRUE(done.ok()) << done.status();
    return done.ok();
  }
  void ConvergeAll() {
    const Accounts accounts = MakeAccounts();
    const Planning planning = MakePlanning();
    Converge converge(
        accounts, planning,
        {.store = *store, .owner = "c", .urgency = store::Urgency::kPrompt, .brevo = {}});
    const auto written = converge.WriteSome(100);
    EXPECT_TRUE(written.ok()) << written.status();
  }
  int64_t PersonsWith(const std::string& email) {
    int64_t count = 0;
    for (const auto& [id, person] : pipedrive.persons) {
      for (const ContactPoint& point : person.emails) count += point.value == email ? 1 : 0;
    }
    return count;
  }

  int events_ = 0;
};

TEST_F(PersonCreationTest, AContactThatJoinsAChosenListBecomesAPersonAndIsBoundToIt) {
  SignUp("bob@x.de");
  Hear("bob@x.de");
  ASSERT_TRUE(Handle());
  EXPECT_THAT(person_writes.calls, ElementsAre("create"));
  const Person& bob = pipedrive.persons.rbegin()->second;
  EXPECT_EQ(bob.first_name, "Bob");
  EXPECT_THAT(bob.emails, SizeIs(1));
  EXPECT_EQ(bob.phones.at(0).value, "+49309998887");
  ConvergeAll();
  EXPECT_EQ(brevo.Find("bob@x.de")->ext_id, absl::StrCat("pd-7-", bob.id));
  // The webhook or run that follows finds it bound.
  Forget();
  RunAll(Full());
  RunAll(Full());
  EXPECT_THAT(person_writes.calls, IsEmpty());
  EXPECT_EQ(PersonsWith("bob@x.de"), 1);
  EXPECT_THAT(brevo.contacts, SizeIs(2));
}

TEST_F(PersonCreationTest, OtherContactsDoNotBecomePersons) {
  brevo.Put("stranger@x.de", {FakeBrevo::kList});
  RunAll(Full());
  EXPECT_FALSE(Handle());
  settings.two_way.create_persons_from.clear();
  SignUp("bob@x.de");
  Hear("bob@x.de");
  Handle();
  EXPECT_THAT(person_writes.calls, IsEmpty());
}

TEST_F(PersonCreationTest, ARunFindsWhatNoWebhookTold) {
  SignUp("bob@x.de");
  RunAll();
  ASSERT_TRUE(Handle());
  EXPECT_EQ(PersonsWith("bob@x.de"), 1);
  RunAll();
  EXPECT_FALSE(Handle()) << "nothing is asked for twice";
}

TEST_F(PersonCreationTest, ADryRunOnlySaysHowMany) {
  SignUp("bob@x.de");
  RunOptions dry = Full();
  dry.dry_run = true;
  EXPECT_THAT(RunAll(dry).warnings, Contains(HasSubstr("1 contacts of create_persons_from")));
  EXPECT_FALSE(Handle());
}

TEST_F(PersonCreationTest, ASecondAddressOfAPersonMakesNoPerson) {
  pipedrive.persons[1].emails.push_back({"bob@x.de", "home", false});
  SignUp("bob@x.de");
  Hear("bob@x.de");
  ASSERT_TRUE(Handle());
  EXPECT_THAT(person_writes.calls, IsEmpty());
  EXPECT_THAT(pipedrive.calls, Contains("search bob@x.de"));
}

TEST_F(PersonCreationTest, KilledAfterThePersonWasMadeItIsFoundThoughTheSearchDoesNotKnowIt) {
  pipedrive.search_is_current = false;
  SignUp("bob@x.de");
  Hear("bob@x.de");
  EXPECT_FALSE(Handle(/*commit=*/false));
  EXPECT_EQ(PersonsWith("bob@x.de"), 1);
  clock.Advance(std::chrono::minutes(2));
  ASSERT_TRUE(Handle());
  EXPECT_THAT(person_writes.calls, ElementsAre("create"));
  EXPECT_EQ(PersonsWith("bob@x.de"), 1);
}

TEST_F(PersonCreationTest, AnAnswerThatIsLostDoesNotMakeTwo) {
  pipedrive.search_is_current = false;
  SignUp("bob@x.de");
  Hear("bob@x.de");
  person_writes.on_call = [this](const std::string&) {
    pipedrive.Put(9, "bob@x.de", "Bob");
    return WithReaction(absl::UnavailableError("no answer"), Reaction::kAmbiguous);
  };
  EXPECT_FALSE(Handle());
  person_writes.on_call = nullptr;
  clock.Advance(std::chrono::minutes(2));
  ASSERT_TRUE(Handle());
  EXPECT_EQ(PersonsWith("bob@x.de"), 1);
}

TEST_F(PersonCreationTest, ToldManyTimesItIsMadeOnce) {
  SignUp("bob@x.de");
  for (int i = 0; i < 5; ++i) Hear("bob@x.de");
  ASSERT_TRUE(Handle());
  EXPECT_THAT(person_writes.calls, ElementsAre("create"));
}

TEST_F(PersonCreationTest, AContactWithNoNameIsNamedByItsAddress) {
  brevo.Put("bare@x.de", {kSignUps});
  Hear("bare@x.de");
  ASSERT_TRUE(Handle());
  EXPECT_EQ(person_writes.writes.at(0).name, "bare@x.de");
}

TEST_F(PersonCreationTest, AMadeUpAddressBecomesNobody) {
  brevo.Put("49309998887@mailin-sms.com", {kSignUps});
  Hear("49309998887@mailin-sms.com");
  ASSERT_TRUE(Handle());
  EXPECT_THAT(person_writes.calls, IsEmpty());
}

TEST_F(PersonCreationTest, ARefusedFieldCostsOnlyItself) {
  SignUp("bob@x.de");
  Hear("bob@x.de");
  person_writes.on_call = [this](const std::string&) {
    if (person_writes.calls.size() > 1) return absl::OkStatus();
    return WithField(WithReaction(absl::InvalidArgumentError("no"), Reaction::kFailRecord),
                     "phones");
  };
  ASSERT_TRUE(Handle());
  EXPECT_EQ(PersonsWith("bob@x.de"), 1);
  ASSERT_THAT(Failures(), SizeIs(1));
  EXPECT_EQ(Failures()[0].field, "phones");
}

TEST_F(PersonCreationTest, ABlockedContactBecomesAPersonAndStaysBlocked) {
  SignUp("bob@x.de").email_blacklisted = true;
  Hear("bob@x.de");
  ASSERT_TRUE(Handle());
  ConvergeAll();
  EXPECT_TRUE(brevo.Find("bob@x.de")->email_blacklisted);
}

}  // namespace
}  // namespace connector::sync
