#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "support/sync_fixture.h"
#include "sync/walk_contacts.h"
#include "sync/walk_persons.h"

namespace connector::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class WalksTest : public connector::testing::SyncFixture {
 protected:
  void SetUp() override { session = StartRun(); }

  absl::Status Persons(PersonsWalk walk = {}) {
    planning = MakePlanning();
    return WalkPersons(MakeAccounts(), planning, *session, walk);
  }
  absl::Status Contacts() {
    planning = MakePlanning();
    return WalkContacts(MakeAccounts(), planning, *session);
  }
  std::string Watermark(std::string_view name) {
    return *store->GetWatermark(settings.connection, name);
  }

  Planning planning;
  std::unique_ptr<RunSession> session;
};

TEST_F(WalksTest, GoesOnWithThePageAfterTheLastOneCommitted) {
  pipedrive.page_size = 2;
  for (int i = 1; i <= 5; ++i) pipedrive.Put(i, absl::StrCat("p", i, "@x.de"));
  pipedrive.on_call = [](const std::string& call) {
    return call == "persons@4" ? absl::UnavailableError("down") : absl::OkStatus();
  };
  EXPECT_FALSE(Persons().ok());
  pipedrive.on_call = nullptr;
  EXPECT_EQ(session->progress().read, 4);
  clock.Advance(2 * kLease);
  session = TakeRun();
  ASSERT_TRUE(Persons().ok());
  EXPECT_THAT(pipedrive.calls, ElementsAre("persons", "persons@2", "persons@4", "persons@4"));
  EXPECT_EQ(session->progress().read, 5);
  EXPECT_EQ(*store->CountMarks(settings.connection, session->run().id), 5);
}

TEST_F(WalksTest, StartsOverWhereTheCursorIsForgotten) {
  pipedrive.page_size = 2;
  for (int i = 1; i <= 3; ++i) pipedrive.Put(i, absl::StrCat("p", i, "@x.de"));
  bool forgotten = false;
  pipedrive.on_call = [&](const std::string& call) {
    const bool forget = call == "persons@2" && !std::exchange(forgotten, true);
    return forget ? absl::OutOfRangeError("no such cursor") : absl::OkStatus();
  };
  ASSERT_TRUE(Persons().ok());
  EXPECT_THAT(pipedrive.calls, ElementsAre("persons", "persons@2", "persons", "persons@2"));
  EXPECT_EQ(session->progress().read, 3);
  EXPECT_EQ(session->progress().warnings.size(), 1U);
}

TEST_F(WalksTest, ContactsThatAreDeletedMeanwhileHideNoOther) {
  brevo.page_size = 2;
  for (int i = 1; i <= 6; ++i) brevo.Put(absl::StrCat("p", i, "@x.de"));
  brevo.on_call = [&](const std::string& call) {
    if (call == "contacts@2") brevo.contacts.erase(101);
    return absl::OkStatus();
  };
  ASSERT_TRUE(Contacts().ok());
  for (int i = 2; i <= 6; ++i) {
    const auto found = store->FindContact(
        settings.connection, {Identifier::Kind::kEmail, absl::StrCat("p", i, "@x.de")});
    EXPECT_TRUE(found->has_value()) << i;
  }
}

TEST_F(WalksTest, NotesWhenItReadBrevo) {
  const Time begin = clock.Now();
  brevo.page_size = 1;
  brevo.Put("a@x.de");
  brevo.Put("b@x.de");
  brevo.on_call = [&](const std::string& call) {
    if (call == "contacts@1") clock.Advance(std::chrono::hours(1));
    return absl::OkStatus();
  };
  EXPECT_EQ(*ContactsReadAt(*session), std::nullopt);
  ASSERT_TRUE(Contacts().ok());
  EXPECT_EQ(*ContactsReadAt(*session), begin);
}

TEST_F(WalksTest, MalformedPersonsAreCountedAndTheRestIsRead) {
  for (int i = 1; i <= 3; ++i) pipedrive.Put(i, absl::StrCat("p", i, "@x.de"));
  pipedrive.malformed = {2};
  ASSERT_TRUE(Persons().ok());
  EXPECT_EQ(session->progress().read, 3);
  EXPECT_EQ(session->progress().failed.at(FailureReason::kMalformedRecord), 1);
  ASSERT_EQ(Failures().size(), 1U);
  EXPECT_EQ(Failures().front().entity_id, "2");
}

TEST_F(WalksTest, CountsWhomItSkips) {
  pipedrive.Put(1, "");
  pipedrive.Put(2, "no address");
  pipedrive.Put(3, "gone@x.de").is_deleted = true;
  ASSERT_TRUE(Persons().ok());
  const auto& skipped = session->progress().skipped;
  EXPECT_EQ(skipped.at(SkipReason::kNoEmail), 1);
  EXPECT_EQ(skipped.at(SkipReason::kInvalidEmail), 1);
  EXPECT_EQ(skipped.at(SkipReason::kDeleted), 1);
}

TEST_F(WalksTest, UnknownOrganizationsAreAskedForOnce) {
  pipedrive.organizations[9] = {.id = 9, .name = "Acme"};
  for (int i = 1; i <= 3; ++i) {
    pipedrive.Put(i, absl::StrCat("p", i, "@x.de")).org_id = i < 3 ? 9 : 10;
  }
  ASSERT_TRUE(Persons().ok());
  EXPECT_THAT(pipedrive.calls, ElementsAre("persons", "organizations ids=2"));
  EXPECT_THAT(*store->UnknownOrganizations(settings.connection, {9, 10, 11}), ElementsAre(11));
}

TEST_F(WalksTest, OrganizationsThatWereWalkedAreNotAskedFor) {
  pipedrive.Put(1, "p1@x.de").org_id = 10;
  ASSERT_TRUE(Persons({.organizations_are_known = true}).ok());
  EXPECT_THAT(pipedrive.calls, ElementsAre("persons"));
}

TEST_F(WalksTest, IdsAreReadByTheHundred) {
  PersonsWalk walk;
  for (int i = 1; i <= 250; ++i) {
    pipedrive.Put(i, absl::StrCat("p", i, "@x.de"));
    walk.query.ids.push_back(i);
  }
  pipedrive.Put(300, "other@x.de");
  ASSERT_TRUE(Persons(walk).ok());
  EXPECT_THAT(pipedrive.calls, ElementsAre("persons ids=100", "persons ids=100", "persons ids=50"));
  EXPECT_EQ(session->progress().read, 250);
}

TEST_F(WalksTest, TheWatermarkIsTheTimeOfTheFirstAnswer) {
  const Time begin = clock.Now();
  pipedrive.page_size = 1;
  pipedrive.Put(1, "p1@x.de");
  pipedrive.Put(2, "p2@x.de");
  pipedrive.on_call = [&](const std::string& call) {
    if (call == "persons@1") clock.Advance(std::chrono::hours(1));
    return absl::OkStatus();
  };
  ASSERT_TRUE(Persons({.note_time_in = "mark"}).ok());
  EXPECT_EQ(ParseTime(Watermark("mark")), begin);
}

TEST_F(WalksTest, WithoutADateTheWatermarkIsTheNewestUpdate) {
  pipedrive.says_time = false;
  pipedrive.page_size = 1;
  pipedrive.Put(1, "p1@x.de").update_time = clock.Now() + std::chrono::hours(2);
  pipedrive.Put(2, "p2@x.de");
  ASSERT_TRUE(Persons({.note_time_in = "mark"}).ok());
  EXPECT_EQ(ParseTime(Watermark("mark")), clock.Now() + std::chrono::hours(2));
}

}  // namespace
}  // namespace connector::sync
