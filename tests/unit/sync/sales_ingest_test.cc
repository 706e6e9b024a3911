// What webhooks and messages tell of activities, leads and organizations.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "base/time_format.h"
#include "support/sync_fixture.h"
#include "sync/pipedrive_ingest.h"

namespace connector::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Told = store::ActivityChange::Told;

constexpr char kLead[] = "adf21080-0e10-11eb-879b-05d71fb426ec";

class SalesIngestTest : public connector::testing::SyncFixture {
 protected:
  void SetUp() override {
    settings.activities = true;
    settings.leads = true;
    settings.event_rules.rules = {
        {SourceAction::kCreated, SourceObject::kActivity, "activity_logged"},
        {SourceAction::kChanged, SourceObject::kActivity, "activity_changed"},
        {SourceAction::kDeleted, SourceObject::kActivity, "activity_deleted"},
        {SourceAction::kChanged, SourceObject::kLead, "lead_changed"},
        {SourceAction::kChanged, SourceObject::kOrganization, "organization_changed"}};
    pipedrive.organizations[7] = {.id = 7, .name = "Acme"};
    pipedrive.Put(1, "ann@x.io", "Ann").org_id = 7;
    pipedrive.Put(2, "bob@x.io", "Bob").org_id = 7;
    RunAll(Full());
    accounts.emplace(MakeAccounts());
    plannings.emplace(*accounts);
    ForgetCalls();
  }
  std::string At(int seconds) {
    return FormatSeconds(std::chrono::floor<std::chrono::seconds>(clock.Now()) +
                         std::chrono::seconds(seconds));
  }
  // A webhook of version 2; the record's id and update time are added.
  std::string Event(const std::string& entity, const std::string& id, const std::string& action,
                    const std::string& members, int seconds = 5) {
    const std::string record =
        absl::StrCat("{", members, R"(,"update_time":")", At(seconds), R"("})");
    const bool gone = action == "delete";
    return absl::StrCat(R"({"meta":{"version":"2.0","action":")", action, R"(","entity":")", entity,
                        R"(","entity_id":")", id, R"(","id":"e)", ++events_, R"(","timestamp":")",
                        At(seconds), R"("},"data":)", gone ? "null" : record, R"(,"previous":)",
                        gone ? record : "{}", "}");
  }
  static std::string CallOf(int64_t id, int64_t person) {
    return absl::StrCat(R"("id":)", id, R"(,"type":"call","active_flag":true,"person_id":)", person,
                        R"(,"participants":[{"person_id":)", person, R"(,"primary":true}])");
  }
  store::IngestBatch Handle(const std::string& body) {
    store::LeasedEvent event;
    event.id = 1;
    event.entry.body = body;
    return HandleEvent(std::move(event));
  }
  store::IngestBatch Reread(const std::string& lane) {
    store::LeasedEvent event;
    event.id = 1;
    event.entry.source = store::EventSource::kReread;
    event.entry.lane = lane;
    return HandleEvent(std::move(event));
  }
  store::IngestBatch HandleEvent(store::LeasedEvent event) {
    auto batch = PipedriveIngest(*accounts, *plannings).Handle({std::move(event)}, {});
    EXPECT_TRUE(batch.ok()) << batch.status();
    return batch.ok() ? *std::move(batch) : store::IngestBatch{};
  }
  static std::vector<std::string> Names(const std::vector<OutboxEvent>& events) {
    std::vector<std::string> names;
    for (const OutboxEvent& event : events) names.push_back(event.name);
    return names;
  }

  std::optional<Accounts> accounts;
  std::optional<PlanningCache> plannings;

 private:
  int events_ = 0;
};

TEST_F(SalesIngestTest, AnActivityIsToldAsItsWebhookSays) {
  store::IngestBatch batch = Handle(Event("activity", "5", "create", CallOf(5, 1)));
  ASSERT_THAT(batch.activities, SizeIs(1));
  EXPECT_EQ(batch.activities[0].told, Told::kAdded);
  EXPECT_THAT(Names(batch.activities[0].if_added), ElementsAre("activity_logged"));
  EXPECT_THAT(batch.settled[0].persons, ElementsAre(1));
  batch = Handle(Event("activity", "5", "change", CallOf(5, 1)));
  EXPECT_EQ(batch.activities[0].told, Told::kChanged);
  EXPECT_THAT(Names(batch.activities[0].if_changed), ElementsAre("activity_changed"));
  batch = Handle(Event("activity", "5", "delete", CallOf(5, 1)));
  EXPECT_EQ(batch.activities[0].told, Told::kDeleted);
  EXPECT_THAT(Names(batch.activities[0].if_deleted), ElementsAre("activity_deleted"));
  EXPECT_THAT(pipedrive.calls, IsEmpty());
}

TEST_F(SalesIngestTest, AHintOfAnActivityIsReadAndHasItsWebhooksKey) {
  pipedrive.PutActivity(5, 1);
  const store::IngestBatch hinted =
      Handle(R"({"topic":"activity.created","payload":{"activityId":5}})");
  EXPECT_THAT(pipedrive.calls, ElementsAre("activities ids=1"));
  const store::IngestBatch told = Handle(Event("activity", "5", "create", CallOf(5, 1), 0));
  ASSERT_THAT(hinted.activities, SizeIs(1));
  ASSERT_THAT(hinted.activities[0].if_added, SizeIs(1));
  EXPECT_EQ(hinted.activities[0].if_added[0].key, told.activities[0].if_added[0].key);
}

TEST_F(SalesIngestTest, AnActivityThatIsWantedAgainIsReadAndConcluded) {
  pipedrive.PutActivity(5, 1);
  const store::IngestBatch batch = Reread("activity/5");
  EXPECT_THAT(pipedrive.calls, ElementsAre("activities ids=1"));
  ASSERT_THAT(batch.activities, SizeIs(1));
  EXPECT_EQ(batch.activities[0].told, Told::kSeen);
  EXPECT_TRUE(batch.activities[0].may_be_new);
  EXPECT_THAT(Reread("activity/6").activities, IsEmpty()) << "it is gone";
}

TEST_F(SalesIngestTest, WithoutARuleNothingIsRememberedOfActivities) {
  settings.event_rules.rules.clear();
  accounts.emplace(MakeAccounts());
  EXPECT_THAT(Handle(Event("activity", "5", "create", CallOf(5, 1))).activities, IsEmpty());
  EXPECT_THAT(Reread("activity/5").activities, IsEmpty());
}

TEST_F(SalesIngestTest, ALeadIsFoldedAndConcernsWhoseItWasAndIs) {
  const std::string members =
      absl::StrCat(R"("id":")", kLead, R"(","title":"Hot","person_id":2,"organization_id":null)");
  store::IngestBatch batch = Handle(Event("lead", kLead, "change", members));
  ASSERT_THAT(batch.leads, SizeIs(1));
  EXPECT_EQ(batch.leads[0].person_id, 2);
  EXPECT_THAT(Names(batch.events), ElementsAre("lead_changed"));
  EXPECT_THAT(batch.settled[0].persons, ElementsAre(2));
  EXPECT_THAT(pipedrive.calls, IsEmpty());
}

TEST_F(SalesIngestTest, ADeletedOrHintedLeadIsReadAgain) {
  Lead& lead = pipedrive.PutLead(kLead, 1);
  const std::string members = absl::StrCat(R"("id":")", kLead, R"(","title":"T","person_id":1)");
  store::IngestBatch batch = Handle(Event("lead", kLead, "delete", members));
  ASSERT_THAT(batch.leads, SizeIs(1));
  EXPECT_FALSE(batch.leads[0].is_deleted) << "it is still there";
  lead.is_deleted = true;
  batch = Handle(absl::StrCat(R"({"topic":"lead.updated","payload":{"leadId":")", kLead, R"("}})"));
  ASSERT_THAT(batch.leads, SizeIs(1));
  EXPECT_TRUE(batch.leads[0].is_deleted);
  EXPECT_THAT(Reread(absl::StrCat("lead/", kLead)).leads, SizeIs(1));
}

TEST_F(SalesIngestTest, ALeadOfAnOrganizationConcernsItsPersons) {
  const std::string members =
      absl::StrCat(R"("id":")", kLead, R"(","title":"Hot","person_id":null,"organization_id":7)");
  const store::IngestBatch batch = Handle(Event("lead", kLead, "change", members));
  EXPECT_THAT(batch.settled[0].persons, ElementsAre(1, 2));
  EXPECT_THAT(batch.events, SizeIs(2));
}

TEST_F(SalesIngestTest, AnOrganizationIsWaitedForWithItsPersonsAndIsNobodysEvent) {
  const store::IngestBatch batch =
      Handle(Event("organization", "7", "change", R"("id":7,"name":"Acme Ltd")"));
  EXPECT_THAT(batch.organizations, SizeIs(1));
  EXPECT_THAT(batch.settled[0].persons, ElementsAre(1, 2));
  EXPECT_THAT(batch.events, IsEmpty());
}

}  // namespace
}  // namespace connector::sync
