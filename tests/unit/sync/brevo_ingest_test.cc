#include "sync/brevo_ingest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/time_format.h"
#include "brevo/webhook_decoder.h"
#include "model/wire.h"
#include "support/sync_fixture.h"
#include "sync/brevo_news.h"
#include "sync/single_writer.h"

namespace connector::sync {
namespace {

using connector::testing::FakeBrevo;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kKey[] = "connector-key";

class BrevoIngestTest : public connector::testing::SyncFixture {
 protected:
  void SetUp() override {
    settings.brevo_key_name = kKey;
    pipedrive.Put(1, "ann@x.io", "Ann");
    pipedrive.Put(2, "bob@x.io", "Bob");
    RunAll(Full());  // creates them
    Tick();
    RunAll(Full());  // sees them
    Tick();
    Begin();
  }
  void Begin() {
    accounts.emplace(MakeAccounts());
    plannings.emplace(*accounts);
    ForgetCalls();
  }
  void Tick() { clock.Advance(std::chrono::seconds(10)); }

  int64_t Seconds() {
    return std::chrono::duration_cast<std::chrono::seconds>(clock.Now().time_since_epoch()).count();
  }
  // A body as Brevo sends it, with the time `ago` seconds back.
  std::string Body(const std::string& event, const std::string& members, int ago = 0) {
    return absl::StrCat(R"({"id":7,"event":")", event, R"(","ts":)", Seconds() - ago, ",", members,
                        "}");
  }
  std::string Updated(const std::string& email, const std::string& content, int ago = 0,
                      const std::string& key = "") {
    return Body("contact_updated",
                absl::StrCat(R"("email":")", email, R"(","content":[{"email":")", email, R"(",)",
                             content, R"(}],"api_key_name":")", key, R"(")"),
                ago);
  }
  static std::string FirstName(const std::string& name) {
    return absl::StrCat(R"("attributes":{"FIRSTNAME":")", name, R"("})");
  }
  static std::string Email(const std::string& email) {
    return absl::StrCat(R"("email":")", email, R"(")");
  }

  // Stores what the bodies tell, handles it and commits what comes of it.
  void Take(const std::vector<std::string>& bodies) {
    for (const std::string& body : bodies) {
      const auto told = brevo::DecodeWebhook(body);
      ASSERT_TRUE(told.ok()) << told.status() << " " << body;
      for (const BrevoChange& change : told->changes) {
        store::InboxEntry entry;
        entry.connection = settings.connection;
        entry.source = store::EventSource::kBrevo;
        entry.key = absl::StrCat("e", ++events_);
        entry.lane = "contact/" + change.email;
        entry.received_at = clock.Now();
        entry.body = Encode(change);
        std::promise<void> stored;
        store->AppendInbox(entry, [&](const auto& outcome) {
          EXPECT_TRUE(outcome.ok());
          stored.set_value();
        });
        stored.get_future().get();
      }
    }
    HandleAll();
  }
  void HandleAll() {
    const auto leased =
        store->LeaseInbox(settings.connection, "w", clock.Now(), std::chrono::minutes(1), 100);
    ASSERT_TRUE(leased.ok());
    const auto batch = BrevoIngest(*accounts, *plannings).Handle(*leased, {});
    ASSERT_TRUE(batch.ok()) << batch.status();
    const auto done = store->FinishIngest(settings.connection, "w", *batch);
    ASSERT_TRUE(done.ok()) << done.status();
  }
  int64_t Waiting() { return store->GetQueueDepth(settings.connection)->inbox_events; }

  ContactState State(const std::string& email) {
    const auto found = store->FindContact(settings.connection, {Identifier::Kind::kEmail, email});
    EXPECT_TRUE(found.ok() && *found) << email;
    return found.ok() && *found ? **found : ContactState{};
  }
  FieldState Field(const std::string& email, const std::string& attribute) {
    const ContactState state = State(email);
    const FieldState* field = FindField(state, attribute);
    return field != nullptr ? *field : FieldState{};
  }
  store::LiveMarks Marks() { return *store->CountLiveMarks(settings.connection, clock.Now()); }
  // Changes the person and writes that to Brevo, unseen as yet.
  void WriteFirstName(int64_t person, const std::string& name) {
    pipedrive.persons.at(person).first_name = name;
    pipedrive.persons.at(person).update_time = clock.Now();
    RunAll();
    ForgetCalls();
  }
  int64_t Recognised(const std::string& guard) {
    const std::string page = registry.Serialize();
    const std::string name = absl::StrCat("guard=\"", guard, "\"} ");
    const size_t at = page.find(name);
    return at == std::string::npos ? 0 : std::stoll(page.substr(at + name.size()));
  }

  std::optional<Accounts> accounts;
  std::optional<PlanningCache> plannings;

 private:
  int events_ = 0;
};

TEST_F(BrevoIngestTest, AnEditIsFoldedWithoutACallAndItsContactIsConvergedPromptly) {
  Take({Updated("Ann@x.io", FirstName("Anna"))});
  EXPECT_EQ(Field("ann@x.io", "FIRSTNAME").seen, Value("Anna"));
  EXPECT_EQ(Field("ann@x.io", "FIRSTNAME").base, Value("Ann")) << "an edit made there";
  EXPECT_EQ(State("ann@x.io").lists, std::vector<int64_t>{kList}) << "lists were not named";
  EXPECT_EQ(Marks().prompt, 1);
  EXPECT_THAT(brevo.calls, IsEmpty());
  EXPECT_EQ(Waiting(), 0);
}

TEST_F(BrevoIngestTest, EveryShapeOfAnEditIsTheSameEdit) {
  const std::vector<std::string> shapes = {
      R"("email":"ann@x.io","content":[{"email":"ann@x.io","attributes":{"FIRSTNAME":"Anna"}}])",
      R"("content":[{"email":"ann@x.io","list":{},"attributes":{"FIRSTNAME":"Anna"}}])",
      R"("email":"ann@x.io","content":[{"attributes":{"FIRSTNAME":"Anna","UNKNOWN":7}}])",
      R"("email":"ANN@X.IO","content":{"attributes":{"FIRSTNAME":"Anna"}},"api_key_name":"other")"};
  for (const std::string& shape : shapes) {
    Tick();
    Take({Body("contact_updated", shape)});
    EXPECT_EQ(Field("ann@x.io", "FIRSTNAME").seen, Value("Anna")) << shape;
    Tick();
    Take({Updated("ann@x.io", FirstName("Ann"))});
    EXPECT_EQ(Field("ann@x.io", "FIRSTNAME").seen, Value("Ann"));
  }
  EXPECT_THAT(brevo.calls, IsEmpty());
}

TEST_F(BrevoIngestTest, WhatIsNotMappedChangesNothing) {
  const ContactState before = State("ann@x.io");
  Take({Updated("ann@x.io", R"("attributes":{"CITY":"Berlin"})"),
        Updated("ann@x.io", R"("list":{})")});
  EXPECT_EQ(State("ann@x.io"), before);
  EXPECT_EQ(Marks().prompt, 0);
  EXPECT_THAT(brevo.calls, IsEmpty());
}

TEST_F(BrevoIngestTest, AnEchoOfOurOwnWriteConfirmsItAndCostsNothing) {
  for (const std::string key : {"", kKey}) {
    const std::string name = key.empty() ? "Anna" : "Annika";
    WriteFirstName(1, name);
    ASSERT_EQ(Field("ann@x.io", "FIRSTNAME").unconfirmed, Value(name));
    Tick();
    Take({Updated("ann@x.io", FirstName(name), 0, key)});
    EXPECT_EQ(Field("ann@x.io", "FIRSTNAME").unconfirmed, std::nullopt);
    EXPECT_EQ(Field("ann@x.io", "FIRSTNAME").base, Value(name));
    EXPECT_EQ(Marks().prompt, 0);
    EXPECT_THAT(brevo.calls, IsEmpty());
  }
  EXPECT_EQ(Recognised("merge_base"), 1);
  EXPECT_EQ(Recognised("api_key_name"), 1);
}

TEST_F(BrevoIngestTest, ALateEchoOfOurOwnKeyIsNoEdit) {
  WriteFirstName(1, "Second");
  const ContactState before = State("ann@x.io");
  Take({Updated("ann@x.io", FirstName("First"), 0, kKey),
        Body("list_addition",
             Email("ann@x.io") + R"(,"list_id":[99],"api_key_name":")" + kKey + R"(")")});
  EXPECT_EQ(State("ann@x.io"), before);
  EXPECT_EQ(Marks().prompt, 0);
  EXPECT_THAT(brevo.calls, IsEmpty());
  EXPECT_EQ(Recognised("api_key_name"), 2);
}

TEST_F(BrevoIngestTest, WhatContradictsAWriteThatIsNotSeenYetIsLookedAt) {
  WriteFirstName(1, "Ours");
  Tick();
  Take({Updated("ann@x.io", FirstName("Before ours"), 5)});
  EXPECT_THAT(brevo.calls, ElementsAre(HasSubstr("get ")));
  EXPECT_EQ(Field("ann@x.io", "FIRSTNAME").base, Value("Ours")) << "Brevo holds ours";
  EXPECT_EQ(Marks().prompt, 0);
}

TEST_F(BrevoIngestTest, OfOldNewsTheNewestStateRemains) {
  Take({Updated("ann@x.io", FirstName("Too old"), 3600)});
  EXPECT_EQ(Field("ann@x.io", "FIRSTNAME").seen, Value("Ann")) << "older than the last look";
  EXPECT_THAT(brevo.calls, IsEmpty());
  FakeBrevo::Set(*brevo.Find("ann@x.io"), "FIRSTNAME", std::string("Newer"));
  Take({Updated("ann@x.io", FirstName("Newer"), 0)});
  Take({Updated("ann@x.io", FirstName("Older"), 2)});
  EXPECT_EQ(Field("ann@x.io", "FIRSTNAME").seen, Value("Newer"));
  EXPECT_EQ(brevo.CountCalls("get "), 1) << "it may have been about something else, too";
}

TEST_F(BrevoIngestTest, WithoutATimeOnlyALookTells) {
  FakeBrevo::Set(*brevo.Find("ann@x.io"), "FIRSTNAME", std::string("Real"));
  brevo.Find("ann@x.io")->modified_at = clock.Now();
  Take({absl::StrCat(R"({"event":"contact_updated","email":"ann@x.io","content":[{)",
                     FirstName("Perhaps"), "}]}")});
  EXPECT_EQ(Field("ann@x.io", "FIRSTNAME").seen, Value("Real"));
  EXPECT_EQ(brevo.CountCalls("get "), 1);
}

TEST_F(BrevoIngestTest, AnotherAddressIsLookedAt) {
  Contact& ann = *brevo.Find("ann@x.io");
  ann.email = "new@x.io";
  ann.modified_at = clock.Now();
  Take({Updated("ann@x.io", R"("attributes":{"EMAIL":"new@x.io"})")});
  EXPECT_EQ(State("new@x.io").brevo_id, ann.id);
  EXPECT_EQ(State("new@x.io").email, "new@x.io");
  EXPECT_EQ(brevo.CountCalls("get "), 1);
  EXPECT_EQ(Marks().prompt, 1);
}

TEST_F(BrevoIngestTest, ANewListIsSeenAndNoCallIsMade) {
  Take({Body("list_addition", Email("ann@x.io") + R"(,"list_id":[9])"),
        Updated("bob@x.io", R"("list":{"addition":[{"id":9}]})")});
  EXPECT_THAT(State("ann@x.io").lists, ElementsAre(kList, 9));
  EXPECT_THAT(State("bob@x.io").lists, ElementsAre(kList, 9));
  EXPECT_THAT(State("ann@x.io").lists_put, ElementsAre(kList)) << "somebody else put it there";
  EXPECT_THAT(brevo.calls, IsEmpty());
}

TEST_F(BrevoIngestTest, OptOutsAreKeptAndNothingLiftsThem) {
  struct Case {
    std::string body;
    bool blocked;
    bool sms_blocked;
    std::vector<int64_t> left;
  };
  const std::string list = absl::StrCat(R"(,"list_id":[)", kList, "]");
  const std::vector<Case> cases = {
      {Body("unsubscribe", Email("ann@x.io") + list), false, false, {kList}},
      {Body("unsubscribed", Email("ann@x.io")), true, false, {}},
      {Body("hard_bounce", Email("ann@x.io") + R"(,"reason":"550")"), true, false, {}},
      {Body("hard_bounced", Email("ann@x.io")), true, false, {}},
      {Body("spam", Email("ann@x.io")), true, false, {}},
      {Updated("ann@x.io", R"("emailBlacklist":true)"), true, false, {}},
      {Updated("ann@x.io", R"("smsBlacklist":true)"), false, true, {}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.body);
    Open(":memory:");
    brevo.Reset();
    RunAll(Full());
    Tick();
    RunAll(Full());
    Tick();
    Begin();
    // The time of the case has passed meanwhile: told anew.
    std::string body = c.body;
    const size_t at = body.find("\"ts\":") + 5;
    body.replace(at, body.find(',', at) - at, absl::StrCat(Seconds()));
    Take({body});
    const ContactState state = State("ann@x.io");
    EXPECT_EQ(state.email_blacklisted, c.blocked);
    EXPECT_EQ(state.sms_blacklisted, c.sms_blocked);
    EXPECT_EQ(state.lists_left, c.left);
    EXPECT_EQ(Marks().prompt, 1);
    EXPECT_THAT(brevo.calls, IsEmpty());
    WriteFirstName(1, "Changed");
    for (const ContactWrite& write : brevo.writes) {
      if (!c.left.empty() && write.email.empty()) {
        EXPECT_THAT(write.join_lists, ::testing::Not(Contains(kList)));
      }
    }
  }
}

TEST_F(BrevoIngestTest, AnOptOutIsTakenThoughSomebodyIsWriting) {
  pipedrive.persons.at(1).first_name = "Anna";
  Take({Updated("ann@x.io", FirstName("Edit"))});  // marks it
  const auto leased = store->LeaseContacts(settings.connection, {.limit = 10}, "writer",
                                           clock.Now(), std::chrono::minutes(1));
  ASSERT_TRUE(leased.ok());
  ASSERT_THAT(*leased, SizeIs(1));
  Tick();
  Take({Updated("ann@x.io", FirstName("Another")),
        Body("unsubscribe", absl::StrCat(Email("ann@x.io"), R"(,"list_id":[)", kList, "]"))});
  EXPECT_THAT(State("ann@x.io").lists_left, ElementsAre(kList));
  EXPECT_EQ(Field("ann@x.io", "FIRSTNAME").seen, Value("Edit")) << "it may be an echo";
  EXPECT_EQ(Waiting(), 1);

  // The write ends, and it began before the opt-out was told.
  store::Settlement settlement{.state = leased->front().state,
                               .version = leased->front().version,
                               .before = leased->front().state};
  EnsureField(settlement.state, "COMPANY").unconfirmed = std::string("Acme");
  ASSERT_TRUE(store->SettleContacts(settings.connection, {settlement}, {}, nullptr).ok());
  EXPECT_THAT(State("ann@x.io").lists_left, ElementsAre(kList));
  EXPECT_EQ(Field("ann@x.io", "COMPANY").unconfirmed, Value("Acme"));
  Tick();
  HandleAll();
  EXPECT_EQ(Waiting(), 0);
}

TEST_F(BrevoIngestTest, ABlockIsLiftedOnlyByTheLastWord) {
  Take({Body("spam", Email("ann@x.io"))});
  Take({Updated("ann@x.io", R"("emailBlacklist":false)", 5)});
  EXPECT_EQ(brevo.CountCalls("get "), 1) << "told later and older";
  Take({Body("spam", Email("bob@x.io"))});
  Tick();
  Take({Updated("bob@x.io", R"("emailBlacklist":false)")});
  EXPECT_FALSE(State("bob@x.io").email_blacklisted) << "somebody resubscribed it in Brevo";
}

TEST_F(BrevoIngestTest, ADeletionIsConfirmedAndNothingIsMadeAgainByItself) {
  const int64_t id = State("ann@x.io").brevo_id;
  Take({Body("contact_deleted", R"("email":["ann@x.io"])")});
  EXPECT_EQ(State("ann@x.io").existence, Existence::kPresent) << "it is still there";
  EXPECT_THAT(brevo.calls, ElementsAre(absl::StrCat("get ", id)));

  brevo.contacts.erase(id);
  Take({Body("contact_deleted", R"("email":["ann@x.io"])")});
  EXPECT_EQ(State("ann@x.io").existence, Existence::kAbsent);
  EXPECT_EQ(Marks().prompt, 0);
  Tick();
  RunAll();
  EXPECT_EQ(brevo.Find("ann@x.io"), nullptr);
}

TEST_F(BrevoIngestTest, ADeletedContactIsMadeAgainAsAWholeWhenItsPersonChanges) {
  Take({Body("unsubscribe", Email("ann@x.io") + R"(,"list_id":[99])")});
  brevo.contacts.erase(State("ann@x.io").brevo_id);
  Tick();
  Take({Body("contact_deleted", R"("email":"ann@x.io")")});
  pipedrive.persons.at(1).update_time = clock.Now();
  RunAll();
  ASSERT_NE(brevo.Find("ann@x.io"), nullptr);
  EXPECT_EQ(connector::testing::SyncFixture::FirstName("ann@x.io"), "Ann")
      << "also what did not change";
  EXPECT_THAT(State("ann@x.io").lists_left, ElementsAre(99)) << "and its opt-outs are kept";
}

TEST_F(BrevoIngestTest, AContactMadeAgainInBrevoIsTakenAsItIs) {
  brevo.contacts.erase(State("ann@x.io").brevo_id);
  const int64_t fresh = brevo.Put("ann@x.io").id;
  Take({Body("contact_deleted", R"("email":["ann@x.io"])"),
        Body("list_addition", Email("ann@x.io") + R"(,"list_id":[9])")});
  EXPECT_EQ(State("ann@x.io").brevo_id, fresh);
  EXPECT_EQ(State("ann@x.io").existence, Existence::kPresent);
  EXPECT_THAT(State("ann@x.io").lists_left, IsEmpty()) << "it went with the old one";
  EXPECT_EQ(Marks().prompt, 1) << "the new one lacks what the person says";
}

TEST_F(BrevoIngestTest, StrangersAreCountedAndCostNothing) {
  brevo.Put("stranger@x.io");
  Take({Updated("stranger@x.io", FirstName("S")), Body("spam", Email("stranger@x.io"))});
  EXPECT_THAT(brevo.calls, IsEmpty());
  EXPECT_EQ(Waiting(), 0);
  EXPECT_THAT(registry.Serialize(), HasSubstr(R"(event="spam",outcome="unbound"} 1)"));
}

TEST_F(BrevoIngestTest, ManyLooksAreOnePage) {
  std::vector<std::string> bodies;
  for (int i = 3; i < 30; ++i) pipedrive.Put(i, absl::StrCat("p", i, "@x.io"), "P");
  RunAll(Full());
  Tick();
  RunAll(Full());
  Tick();
  Begin();
  for (int i = 3; i < 30; ++i) {
    Contact& contact = *brevo.Find(absl::StrCat("p", i, "@x.io"));
    contact.email = absl::StrCat("q", i, "@x.io");
    contact.modified_at = clock.Now();
    bodies.push_back(Updated(absl::StrCat("p", i, "@x.io"),
                             absl::StrCat(R"("attributes":{"EMAIL":"q)", i, R"(@x.io"})")));
  }
  Take(bodies);
  EXPECT_THAT(brevo.calls, ElementsAre("contacts since@0"));
  EXPECT_EQ(State("q29@x.io").email, "q29@x.io");
}

TEST_F(BrevoIngestTest, AnAccountThatStandsStillKeepsItsEvents) {
  brevo.on_call = [](const std::string&) {
    return WithReaction(absl::UnavailableError("no answer"), Reaction::kRetry);
  };
  store::LeasedEvent event;
  event.id = 1;
  event.entry.body = Encode(
      brevo::DecodeWebhook(Body("contact_deleted", R"("email":["ann@x.io"])"))->changes.at(0));
  EXPECT_FALSE(BrevoIngest(*accounts, *plannings).Handle({event}, {}).ok());
}

TEST_F(BrevoIngestTest, ALookOlderThanAWriteRefusesNothing) {
  const Planning planning = MakePlanning();
  ContactState state = State("ann@x.io");
  const Contact old = *brevo.Find("ann@x.io");
  EnsureField(state, "FIRSTNAME").unconfirmed = std::string("New");
  state.lists.push_back(9);
  state.lists_put.push_back(9);
  state.written_at = clock.Now();
  const Time before = clock.Now() - std::chrono::seconds(1);
  ContactState folded = FoldContact(planning, state, old, nullptr, before);
  EXPECT_EQ(FindField(folded, "FIRSTNAME")->unconfirmed, Value("New"));
  EXPECT_THAT(folded.lists_left, IsEmpty());
  EXPECT_THAT(folded.lists_put, Contains(9));
  Tick();
  folded = FoldContact(planning, state, old, nullptr, clock.Now());
  EXPECT_EQ(FindField(folded, "FIRSTNAME")->refused, Value("New"));
  EXPECT_THAT(folded.lists_left, ElementsAre(9));
}

}  // namespace
}  // namespace connector::sync
