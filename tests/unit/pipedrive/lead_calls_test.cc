// Leads and activities, as both clients ask for them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "pipedrive/client.h"
#include "support/fake_caller.h"

namespace connector::pipedrive {
namespace {

using ::testing::ElementsAre;
using testing::FakeCaller;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr const char* kEmptyPage = R"({"success":true,"data":[],"additional_data":{}})";

class SalesCallsTest : public ::testing::Test {
 protected:
  std::unique_ptr<Client> Of(ApiVersion version) {
    return MakeClient({"https://acme.pipedrive.com", Secret("t0ken"), version}, caller_);
  }
  // An archived lead of the list, with the minute of its last change.
  static std::string Archived(const std::string& id, int minute) {
    return R"({"id":")" + id + R"(","title":"L","update_time":"2026-11-24T08:)" +
           std::to_string(minute) + R"(:00.500Z","person_id":1})";
  }
  FakeCaller caller_;
};

TEST_F(SalesCallsTest, ReadsLeadsWithWhatTheyTell) {
  for (const ApiVersion version : {ApiVersion::kV1, ApiVersion::kV2}) {
    caller_.Answer(200, R"({"success":true,"data":[{"id":"adf21080-0e10-11eb-879b-05d71fb426ec",
        "title":"Jane Doe Lead","owner_id":1,"label_ids":["f08b42a0-4e75-11ea-9643-03698ef1cfd6"],
        "person_id":1092,"organization_id":null,"source_name":"API","is_archived":false,
        "value":{"amount":999,"currency":"USD"},"add_time":"2020-10-14T11:30:36.551Z",
        "update_time":"2020-10-14T11:30:36.551Z"},{"title":"without an id"}],
        "additional_data":{"start":0,"limit":500,"more_items_in_collection":true}})");
    LeadsQuery query;
    query.updated_since = *ParseTime("2020-10-14T11:00:00Z");
    const auto page = Of(version)->ListLeads(query, "", {});
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(caller_.last().url,
              "https://acme.pipedrive.com/api/v1/leads?start=0&limit=500"
              "&updated_since=2020-10-14T11%3A00%3A00Z&sort=add_time");
    EXPECT_EQ(caller_.last().operation.tokens, 20);
    ASSERT_THAT(page->records, SizeIs(1));
    const Lead& lead = page->records[0];
    EXPECT_EQ(lead.id, "adf21080-0e10-11eb-879b-05d71fb426ec");
    EXPECT_EQ(lead.person_id, 1092);
    EXPECT_EQ(lead.org_id, std::nullopt);
    EXPECT_EQ(lead.value, (Monetary{999, "USD"}));
    EXPECT_THAT(lead.label_ids, ElementsAre("f08b42a0-4e75-11ea-9643-03698ef1cfd6"));
    EXPECT_EQ(lead.source_name, "API");
    EXPECT_THAT(page->malformed, SizeIs(1));
    EXPECT_EQ(page->next_cursor, "500") << "next_start is not told";
  }
}

TEST_F(SalesCallsTest, AWalkOfArchivedLeadsKeepsWhatIsNewer) {
  struct Row {
    const char* what;
    std::string rows;
    size_t kept;
    std::string next;
  };
  const Row rows[] = {
      {"all newer", Archived("a", 50) + "," + Archived("b", 40), 2, "500"},
      {"an older one behind", Archived("a", 50) + "," + Archived("b", 10), 1, "500"},
      {"an older one before", Archived("a", 10) + "," + Archived("b", 50), 1, "500"},
  };
  LeadsQuery query;
  query.archived = true;
  query.updated_since = *ParseTime("2026-11-24T08:30:00Z");
  for (const Row& row : rows) {
    caller_.Answer(200, R"({"success":true,"data":[)" + row.rows +
                            R"(],"additional_data":{"more_items_in_collection":true}})");
    const auto page = Of(ApiVersion::kV2)->ListLeads(query, "", {});
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->records.size(), row.kept) << row.what;
    EXPECT_EQ(page->next_cursor, row.next) << row.what;
    EXPECT_TRUE(page->records[0].is_archived);
  }
  EXPECT_EQ(caller_.last().url,
            "https://acme.pipedrive.com/api/v1/leads/archived?start=0&limit=500"
            "&sort=add_time");
  EXPECT_EQ(caller_.last().operation.tokens, 40);
}

TEST_F(SalesCallsTest, GetsOneLeadAndTheLabels) {
  caller_.Answer(200, R"({"success":true,"data":{"id":"l-1","title":"One","is_archived":true}})");
  const auto lead = Of(ApiVersion::kV2)->GetLead("l-1", {});
  ASSERT_TRUE(lead.ok()) << lead.status();
  EXPECT_TRUE(lead->is_archived);
  EXPECT_EQ(caller_.last().url, "https://acme.pipedrive.com/api/v1/leads/l-1");
  caller_.Answer(404, R"({"success":false,"error":"Lead not found"})");
  EXPECT_TRUE(absl::IsNotFound(Of(ApiVersion::kV2)->GetLead("l-2", {}).status()));
  caller_.Answer(200, R"({"success":true,"data":[{"id":"u","name":"Hot","color":"red"},{}]})");
  const auto labels = Of(ApiVersion::kV2)->ListLeadLabels({});
  ASSERT_TRUE(labels.ok()) << labels.status();
  EXPECT_THAT(*labels, ElementsAre(FieldOption{"u", "Hot"}));
}

TEST_F(SalesCallsTest, AsksForActivitiesByTimeByFilterAndById) {
  const auto url = [this](const ActivitiesQuery& query, const std::string& cursor = "") {
    caller_.Answer(200, kEmptyPage);
    EXPECT_TRUE(Of(ApiVersion::kV2)->ListActivities(query, cursor, {}).ok());
    return caller_.last().url;
  };
  const std::string list = "https://acme.pipedrive.com/api/v2/activities?limit=500";
  EXPECT_EQ(
      url({.updated_since = *ParseTime("2026-11-24T08:15:30.9Z"), .filter_id = {}, .ids = {}}),
      list + "&updated_since=2026-11-24T08%3A15%3A30Z&sort_by=id&sort_direction=asc");
  EXPECT_EQ(url({.updated_since = {}, .filter_id = 7, .ids = {}}, "next"),
            list + "&sort_by=id&sort_direction=asc&cursor=next&filter_id=7");
  EXPECT_EQ(url({.updated_since = {}, .filter_id = {}, .ids = {3, 4}}), list + "&ids=3%2C4");
}

TEST_F(SalesCallsTest, VersionOneReadsAllUsersActivitiesAndDropsTheOlder) {
  caller_.Answer(200, R"({"success":true,"data":[
      {"id":1,"type":"call","update_time":"2026-11-24 08:00:00","done":true,"active_flag":true,
       "participants":[{"person_id":5,"primary_flag":true},{"person_id":6,"primary_flag":false}]},
      {"id":2,"type":"call","update_time":"2026-11-23 08:00:00"}],
      "additional_data":{"pagination":{"more_items_in_collection":true,"next_start":500}}})");
  ActivitiesQuery query;
  query.updated_since = *ParseTime("2026-11-24T00:00:00Z");
  const auto page = Of(ApiVersion::kV1)->ListActivities(query, "", {});
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(caller_.last().url,
            "https://acme.pipedrive.com/api/v1/activities?user_id=0&start=0&limit=500");
  ASSERT_THAT(page->records, SizeIs(1));
  EXPECT_EQ(page->records[0].person_id, 5);
  EXPECT_THAT(page->records[0].participants, ElementsAre(5, 6));
  EXPECT_EQ(page->next_cursor, "500") << "the list has no order that would end it";
}

}  // namespace
}  // namespace connector::pipedrive
