#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "base/time_format.h"
#include "pipedrive/client.h"
#include "support/fake_caller.h"

namespace connector::pipedrive {
namespace {

using testing::FakeCaller;
using ::testing::HasSubstr;

std::string PageOf(const std::string& records, bool more) {
  return "{\"success\":true,\"data\":[" + records +
         "],\"additional_data\":{\"pagination\":{\"start\":0,\"limit\":500,"
         "\"more_items_in_collection\":" +
         (more ? "true,\"next_start\":500" : "false") + "}}}";
}

class V1ClientTest : public ::testing::Test {
 protected:
  FakeCaller caller_;
  std::unique_ptr<Client> client_ =
      MakeClient({"https://acme.pipedrive.com", Secret("t0ken"), ApiVersion::kV1}, caller_);
};

TEST_F(V1ClientTest, WalksByOffset) {
  caller_.Answer(200, PageOf(R"({"id":1,"org_id":{"value":5}})", true));
  const auto first = client_->ListPersons({}, "", {});
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->next_cursor, "500");
  EXPECT_EQ(first->records[0].org_id, 5);
  caller_.Answer(200, PageOf("", false));
  const auto last = client_->ListPersons({}, first->next_cursor, {});
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(last->next_cursor, "");
  EXPECT_EQ(caller_.calls()[0].url,
            "https://acme.pipedrive.com/api/v1/persons?start=0&limit=500&sort=id%20ASC");
  EXPECT_THAT(caller_.calls()[1].url, HasSubstr("?start=500&"));
  EXPECT_EQ(caller_.last().operation.tokens, 20);
  EXPECT_EQ(caller_.last().HeaderValue("x-api-token"), "t0ken");
}

TEST_F(V1ClientTest, StepsByTheLimitIfNextStartIsMissing) {
  caller_.Answer(200, R"({"data":[{"id":1}],"additional_data":{"more_items_in_collection":true}})");
  EXPECT_EQ(client_->ListPersons({}, "1000", {})->next_cursor, "1500");
}

TEST_F(V1ClientTest, AWalkSinceEndsAtTheFirstOlderRecord) {
  PersonsQuery query;
  query.updated_since = *ParseTime("2026-11-24T08:00:00.5Z");
  query.filter_id = 4;
  caller_.Answer(200, PageOf(R"({"id":3,"update_time":"2026-11-24 09:00:00"},
                                {"id":2,"update_time":"2026-11-24 08:00:00"},
                                {"id":9},
                                {"id":1,"update_time":"2026-11-24 07:59:59"},
                                {"id":4,"update_time":"2026-11-24 07:00:00"})",
                             true));
  const auto page = client_->ListPersons(query, "", {});
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->records.size(), 3u);
  EXPECT_EQ(page->next_cursor, "");
  EXPECT_THAT(caller_.last().url, HasSubstr("&sort=update_time%20DESC&filter_id=4"));
}

TEST_F(V1ClientTest, AWalkSinceGoesOnIfTheSortingIsIgnored) {
  PersonsQuery query;
  query.updated_since = *ParseTime("2026-11-24T08:00:00Z");
  caller_.Answer(200, PageOf(R"({"id":1,"update_time":"2026-11-24 07:00:00"},
                                {"id":2,"update_time":"2026-11-24 09:00:00"})",
                             true));
  const auto page = client_->ListPersons(query, "", {});
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->records.size(), 1u);
  EXPECT_EQ(page->records[0].id, 2);
  EXPECT_EQ(page->next_cursor, "500");
}

TEST_F(V1ClientTest, AsksForIdsOneByOne) {
  caller_.Answer(200, R"({"success":true,"data":{"id":1,"name":"A"}})");
  caller_.Answer(404, R"({"success":false,"error":"Person not found"})");
  caller_.Answer(200, R"({"success":true,"data":{"id":3,"name":[]}})");
  PersonsQuery query;
  query.ids = {1, 2, 3};
  const auto page = client_->ListPersons(query, "", {});
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->records.size(), 1u);
  ASSERT_EQ(page->malformed.size(), 1u);
  EXPECT_EQ(page->malformed[0].id, "3");
  EXPECT_EQ(caller_.calls()[1].url, "https://acme.pipedrive.com/api/v1/persons/2");
  EXPECT_EQ(caller_.last().operation.tokens, 2);

  caller_.Answer(200, R"({"success":true,"data":null})");
  OrganizationsQuery organizations;
  organizations.ids = {8};
  EXPECT_TRUE(absl::IsUnavailable(client_->ListOrganizations(organizations, "", {}).status()));
  EXPECT_EQ(caller_.last().url, "https://acme.pipedrive.com/api/v1/organizations/8");
}

TEST_F(V1ClientTest, RefusesACursorOfTheOtherVersion) {
  for (const char* cursor : {"eyJmaWVsZCI6", "-1"}) {
    EXPECT_TRUE(absl::IsOutOfRange(client_->ListPersons({}, cursor, {}).status())) << cursor;
  }
  EXPECT_TRUE(caller_.calls().empty());
}

TEST_F(V1ClientTest, ReadsAllPagesOfFieldsAndOrganizations) {
  caller_.Answer(200, PageOf(R"({"key":"name","name":"Name"})", true));
  caller_.Answer(200, PageOf(R"({"key":"email","name":"E-mail"})", false));
  const auto fields = client_->ListOrganizationFields({});
  ASSERT_TRUE(fields.ok());
  EXPECT_EQ(fields->size(), 2u);
  EXPECT_EQ(caller_.last().url,
            "https://acme.pipedrive.com/api/v1/organizationFields?start=500&limit=500");
  caller_.Answer(200, PageOf(R"({"id":1,"name":"Acme"})", true));
  const auto page = client_->ListOrganizations({}, "", {});
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->next_cursor, "500");
  caller_.Answer(200, R"({"success":true,"data":null,"additional_data":{}})");
  EXPECT_TRUE(client_->ListPersonFields({})->empty());
  caller_.Answer(200, R"({"data":{"id":2,"company_id":1}})");
  EXPECT_TRUE(client_->GetAccount({}).ok());
}

TEST_F(V1ClientTest, ListsTheThreeSetsOfDeals) {
  const std::string base = "https://acme.pipedrive.com/api/v1/deals";
  DealsQuery query;
  for (const auto& [set, url, tokens] :
       {std::tuple(DealSet::kCurrent, base + "?start=0&limit=500&sort=id%20ASC", 20),
        {DealSet::kArchived, base + "/archived?start=0&limit=500&sort=id%20ASC", 40},
        {DealSet::kDeleted, base + "?start=0&limit=500&sort=id%20ASC&status=deleted", 20}}) {
    caller_.Answer(200, PageOf(R"({"id":1,"status":"won","person_id":{"value":5}})", true));
    query.set = set;
    const auto page = client_->ListDeals(query, "", {});
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(caller_.last().url, url);
    EXPECT_EQ(caller_.last().operation.tokens, tokens);
    EXPECT_EQ(page->records.at(0).person_id, 5);
    EXPECT_EQ(page->records.at(0).is_archived, set == DealSet::kArchived);
    EXPECT_EQ(page->next_cursor, "500");
  }
}

TEST_F(V1ClientTest, TheDeletedAmongChangedArchivedDealsFollowUponTheOthers) {
  DealsQuery query;
  query.set = DealSet::kArchived;
  query.updated_since = *ParseTime("2026-11-24T08:15:30Z");
  const char* const kDeal = R"({"id":1,"status":"won","update_time":"2026-11-24 08:20:00"})";
  const auto url = [](const std::string& start) {
    return "https://acme.pipedrive.com/api/v1/deals/archived?start=" + start +
           "&limit=500&sort=update_time%20DESC";
  };
  std::string cursor;
  for (const auto& [expected, more] : {std::tuple(url("0"), true),
                                       {url("500"), false},
                                       {url("0") + "&status=deleted", true},
                                       {url("500") + "&status=deleted", false}}) {
    caller_.Answer(200, PageOf(kDeal, more));
    const auto page = client_->ListDeals(query, cursor, {});
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(caller_.last().url, expected);
    EXPECT_EQ(page->records.size(), 1u);
    cursor = page->next_cursor;
  }
  EXPECT_EQ(cursor, "");
  EXPECT_EQ(client_->ListDeals(query, "deleted:x", {}).status().code(),
            absl::StatusCode::kOutOfRange);
}

TEST_F(V1ClientTest, AsksForDealsByIdAndKeepsThoseOfTheSet) {
  caller_.Answer(200, R"({"success":true,"data":{"id":1,"status":"open","deleted":true}})");
  caller_.Answer(200, R"({"success":true,"data":{"id":2,"status":"open"}})");
  caller_.Answer(200, R"({"success":true,"data":{"id":3,"status":"won","is_archived":true}})");
  DealsQuery query;
  query.ids = {1, 2, 3};
  const auto page = client_->ListDeals(query, "", {});
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->records.size(), 1u);
  EXPECT_EQ(page->records[0].id, 2);
}

TEST_F(V1ClientTest, ReadsPipelinesStagesAndADeal) {
  caller_.Answer(200, R"({"data":[{"id":1,"name":"Sales","order_nr":1,"active":true},
                                  {"id":2,"name":"Old","active":false}]})");
  EXPECT_EQ(*client_->ListPipelines({}), (std::vector<Pipeline>{{1, "Sales", 1}}));
  caller_.Answer(200, R"({"data":[{"id":4,"name":"New","pipeline_id":1,"active_flag":true,
                                   "deal_probability":100}]})");
  EXPECT_EQ(*client_->ListStages({}), (std::vector<Stage>{{4, "New", 1, 0, 100}}));
  EXPECT_EQ(caller_.last().operation.tokens, 10);
  caller_.Answer(200, R"({"data":{"id":7,"status":"won","user_id":{"value":3}}})");
  const auto deal = client_->GetDeal(7, {});
  ASSERT_TRUE(deal.ok());
  EXPECT_EQ(deal->owner_id, 3);
  EXPECT_EQ(caller_.last().operation.tokens, 2);
}

}  // namespace
}  // namespace connector::pipedrive
