#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "pipedrive/client.h"
#include "support/fake_caller.h"

namespace connector::pipedrive {
namespace {

using testing::FakeCaller;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kEmptyPage = R"({"success":true,"data":[],"additional_data":{}})";

class V2ClientTest : public ::testing::Test {
 protected:
  std::string PersonsUrl(const PersonsQuery& query, const std::string& cursor = "") {
    caller_.Answer(200, kEmptyPage);
    const auto page = client_->ListPersons(query, cursor, {});
    EXPECT_TRUE(page.ok()) << page.status();
    return caller_.last().url;
  }

  FakeCaller caller_;
  std::unique_ptr<Client> client_ =
      MakeClient({"https://acme.pipedrive.com/", Secret("t0ken"), ApiVersion::kV2}, caller_);
};

TEST_F(V2ClientTest, AsksForPersonsByCursor) {
  EXPECT_EQ(PersonsUrl({}),
            "https://acme.pipedrive.com/api/v2/persons?limit=500&sort_by=id&sort_direction=asc");
  EXPECT_THAT(PersonsUrl({}, "a+b=="), HasSubstr("&cursor=a%2Bb%3D%3D"));
  const auto& call = caller_.last();
  EXPECT_EQ(call.HeaderValue("x-api-token"), "t0ken");
  EXPECT_THAT(call.url, Not(HasSubstr("t0ken")));
  EXPECT_EQ(call.operation.name, "persons.list");
  EXPECT_EQ(call.operation.tokens, 10);
  EXPECT_EQ(call.max_response_bytes, size_t{16} << 20);
}

TEST_F(V2ClientTest, AsksOnlyForWhatIsWanted) {
  PersonsQuery query;
  query.selection.deal_counts = true;
  query.selection.custom_keys = {"aa", "bb"};
  query.selection.placeholder_key = "cc";
  query.updated_since = *ParseTime("2026-11-24T08:15:30.999Z");
  query.filter_id = 7;
  EXPECT_EQ(PersonsUrl(query),
            "https://acme.pipedrive.com/api/v2/persons?limit=500"
            "&updated_since=2026-11-24T08%3A15%3A30Z&sort_by=id&sort_direction=asc&filter_id=7"
            "&include_fields=won_deals_count%2Clost_deals_count%2Copen_deals_count%2C"
            "closed_deals_count&custom_fields=aa%2Cbb");
}

TEST_F(V2ClientTest, NamesOneKeyIfNoneIsWanted) {
  PersonsQuery query;
  query.selection.placeholder_key = "cc";
  EXPECT_THAT(PersonsUrl(query), HasSubstr("&custom_fields=cc"));
}

TEST_F(V2ClientTest, AsksUnfilteredForMoreThanFifteenKeys) {
  PersonsQuery query;
  for (int i = 0; i < 15; ++i) query.selection.custom_keys.push_back("k" + std::to_string(i));
  EXPECT_THAT(PersonsUrl(query), HasSubstr("custom_fields="));
  query.selection.custom_keys.push_back("k15");
  EXPECT_THAT(PersonsUrl(query), Not(HasSubstr("custom_fields")));
  caller_.Answer(200, R"({"data":[{"id":1,"custom_fields":{"k3":"x","other":"y"}}]})");
  const auto page = client_->ListPersons(query, "", {});
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->records[0].custom_fields.size(), 1u);
  EXPECT_EQ(page->records[0].custom_fields[0].first, "k3");
}

TEST_F(V2ClientTest, AsksForIds) {
  PersonsQuery query;
  query.ids = {3, 1, 2};
  EXPECT_EQ(PersonsUrl(query), "https://acme.pipedrive.com/api/v2/persons?limit=500&ids=3%2C1%2C2");
  query.ids.assign(101, 1);
  const auto page = client_->ListPersons(query, "", {});
  EXPECT_TRUE(absl::IsInvalidArgument(page.status()));
  EXPECT_EQ(caller_.calls().size(), 1u);
}

TEST_F(V2ClientTest, GivesCursorAndServerTime) {
  caller_.Answer(200, R"({"success":true,"data":[{"id":1}],"additional_data":{"next_cursor":"n"}})",
                 {{"content-type", "application/json"}, {"date", "Tue, 24 Nov 2026 08:15:30 GMT"}});
  const auto page = client_->ListPersons({}, "", {});
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->next_cursor, "n");
  EXPECT_EQ(page->server_time, ParseTime("2026-11-24T08:15:30Z"));
}

TEST_F(V2ClientTest, AnAnswerThatCannotBeReadIsJudgedWithinTheCall) {
  for (const char* body : {"null", "", "{\"data\":[", R"({"success":true,"data":null})"}) {
    caller_.Answer(200, body);
    const auto page = client_->ListPersons({}, "", {});
    EXPECT_TRUE(absl::IsUnavailable(page.status())) << body;
    EXPECT_EQ(ReactionOf(page.status()), Reaction::kRetry);
  }
}

TEST_F(V2ClientTest, ErrorsHideTheToken) {
  caller_.Answer(401, R"({"success":false,"error":"token t0ken is invalid"})");
  const auto page = client_->ListPersons({}, "", {});
  EXPECT_TRUE(absl::IsUnauthenticated(page.status()));
  EXPECT_THAT(std::string(page.status().message()), Not(HasSubstr("t0ken")));
  caller_.Fail(absl::CancelledError("stopped"));
  EXPECT_TRUE(absl::IsCancelled(client_->ListPersons({}, "", {}).status()));
}

TEST_F(V2ClientTest, ListsOrganizations) {
  caller_.Answer(200, R"({"success":true,"data":[{"id":1,"name":"Acme"}]})");
  OrganizationsQuery query;
  query.selection.placeholder_key = "cc";
  query.ids = {1, 2};
  const auto page = client_->ListOrganizations(query, "", {});
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->records[0].name, "Acme");
  EXPECT_EQ(caller_.last().url,
            "https://acme.pipedrive.com/api/v2/organizations?limit=500&ids=1%2C2&custom_fields=cc");
}

TEST_F(V2ClientTest, ReadsAllPagesOfFields) {
  caller_.Answer(200, R"({"success":true,"data":[{"field_code":"name","field_name":"Name"}],
                          "additional_data":{"next_cursor":"n"}})");
  caller_.Answer(200, R"({"success":true,"data":[{"field_code":"email","field_name":"E-mail"}]})");
  const auto fields = client_->ListPersonFields({});
  ASSERT_TRUE(fields.ok());
  EXPECT_EQ(fields->size(), 2u);
  EXPECT_EQ(caller_.calls()[0].url, "https://acme.pipedrive.com/api/v2/personFields?limit=500");
  EXPECT_EQ(caller_.calls()[1].url,
            "https://acme.pipedrive.com/api/v2/personFields?limit=500&cursor=n");
  caller_.Answer(200, kEmptyPage);
  EXPECT_TRUE(client_->ListOrganizationFields({}).ok());
  EXPECT_THAT(caller_.last().url, HasSubstr("/api/v2/organizationFields"));
}

TEST_F(V2ClientTest, EndsAFieldListThatNeverEnds) {
  for (int i = 0; i < 60; ++i) {
    caller_.Answer(200, R"({"data":[],"additional_data":{"next_cursor":"n"}})");
  }
  EXPECT_TRUE(absl::IsUnavailable(client_->ListPersonFields({}).status()));
  EXPECT_EQ(caller_.calls().size(), 50u);
}

TEST_F(V2ClientTest, AsksWhoItIs) {
  caller_.Answer(200, R"({"success":true,"data":{"id":2,"company_id":1,"company_name":"Acme"}})");
  const auto account = client_->GetAccount({});
  ASSERT_TRUE(account.ok());
  EXPECT_EQ(account->company_name, "Acme");
  EXPECT_EQ(caller_.last().url, "https://acme.pipedrive.com/api/v1/users/me");
  EXPECT_EQ(caller_.last().operation.tokens, 2);
}

TEST_F(V2ClientTest, ListsTheThreeSetsOfDeals) {
  struct Row {
    DealSet set;
    const char* url;
    int tokens;
    bool archived;
  };
  const Row rows[] = {
      {DealSet::kCurrent,
       "https://acme.pipedrive.com/api/v2/deals?limit=500"
       "&updated_since=2026-11-24T08%3A15%3A30Z&sort_by=id&sort_direction=asc",
       10, false},
      {DealSet::kArchived,
       "https://acme.pipedrive.com/api/v2/deals/archived?limit=500"
       "&updated_since=2026-11-24T08%3A15%3A30Z&sort_by=id&sort_direction=asc"
       "&status=open%2Cwon%2Clost%2Cdeleted",
       20, true},
      {DealSet::kDeleted,
       "https://acme.pipedrive.com/api/v2/deals?limit=500"
       "&updated_since=2026-11-24T08%3A15%3A30Z&sort_by=id&sort_direction=asc&status=deleted",
       10, false},
  };
  for (const Row& row : rows) {
    caller_.Answer(
        200, R"({"data":[{"id":1,"status":"won"}],"additional_data":{"next_cursor":"n"}})",
        {{"content-type", "application/json"}, {"date", "Tue, 24 Nov 2026 08:15:30 GMT"}});
    DealsQuery query;
    query.set = row.set;
    query.updated_since = *ParseTime("2026-11-24T08:15:30.999Z");
    const auto page = client_->ListDeals(query, "", {});
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(caller_.last().url, row.url);
    EXPECT_EQ(caller_.last().operation.tokens, row.tokens);
    ASSERT_EQ(page->records.size(), 1u);
    EXPECT_EQ(page->records[0].is_archived, row.archived);
    EXPECT_EQ(page->next_cursor, "n");
    EXPECT_TRUE(page->server_time.has_value());
  }
  caller_.Answer(200, kEmptyPage);
  DealsQuery query;
  query.ids = {3, 4};
  ASSERT_TRUE(client_->ListDeals(query, "", {}).ok());
  EXPECT_EQ(caller_.last().url, "https://acme.pipedrive.com/api/v2/deals?limit=500&ids=3%2C4");
}

TEST_F(V2ClientTest, GetsOneDeal) {
  caller_.Answer(200, R"({"success":true,"data":{"id":7,"status":"deleted","stage_id":3}})");
  const auto deal = client_->GetDeal(7, {});
  ASSERT_TRUE(deal.ok()) << deal.status();
  EXPECT_TRUE(deal->is_deleted());
  EXPECT_EQ(caller_.last().url, "https://acme.pipedrive.com/api/v2/deals/7");
  EXPECT_EQ(caller_.last().operation.tokens, 1);
  caller_.Answer(404, R"({"success":false,"error":"Deal not found"})");
  EXPECT_TRUE(absl::IsNotFound(client_->GetDeal(8, {}).status()));
  caller_.Answer(200, R"({"success":true,"data":{"id":7,"status":"later"}})");
  EXPECT_TRUE(absl::IsUnavailable(client_->GetDeal(7, {}).status()));
}

TEST_F(V2ClientTest, ListsPipelinesStagesAndCurrencies) {
  caller_.Answer(200, R"({"data":[{"id":1,"name":"Sales","order_nr":2,"is_deleted":false},
                                  {"id":2,"name":"Old","is_deleted":true},{"name":"no id"}]})");
  const auto pipelines = client_->ListPipelines({});
  ASSERT_TRUE(pipelines.ok());
  EXPECT_EQ(*pipelines, (std::vector<Pipeline>{{1, "Sales", 2}}));
  EXPECT_EQ(caller_.last().operation.tokens, 5);
  caller_.Answer(200, R"({"data":[{"id":1,"name":"New","pipeline_id":1,"order_nr":1,
                                   "deal_probability":40,"is_deleted":false}],
                          "additional_data":{"next_cursor":"n"}})");
  caller_.Answer(200, R"({"data":[{"id":9,"name":"Due","pipeline_id":2}]})");
  const auto stages = client_->ListStages({});
  ASSERT_TRUE(stages.ok());
  EXPECT_EQ(*stages, (std::vector<Stage>{{1, "New", 1, 1, 40}, {9, "Due", 2, 0, {}}}));
  EXPECT_EQ(caller_.last().url, "https://acme.pipedrive.com/api/v2/stages?limit=500&cursor=n");
  caller_.Answer(200, R"({"data":[{"code":"EUR","decimal_points":2},{"code":"JPY",
                          "decimal_points":0},{"code":"XXX"},{"decimal_points":1}]})");
  const auto currencies = client_->ListCurrencies({});
  ASSERT_TRUE(currencies.ok());
  EXPECT_EQ(*currencies, (std::vector<Currency>{{"EUR", 2}, {"JPY", 0}, {"XXX", 2}}));
  EXPECT_EQ(caller_.last().url, "https://acme.pipedrive.com/api/v1/currencies");
  EXPECT_EQ(caller_.last().operation.tokens, 20);
}

}  // namespace
}  // namespace connector::pipedrive
