// Pipedrive's strictness and its traps.
#include <set>

#include "sandbox_fixture.h"

namespace sandbox {
namespace {

using nlohmann::json;

class PipedriveTest : public SandboxTest {};

TEST_F(PipedriveTest, TokenInTheUrlIsRefusedEvenBesideAGoodHeader) {
  EXPECT_EQ(Send("GET", "/api/v2/persons?api_token=sandbox-pipedrive-token").status, 401);
  EXPECT_EQ(Send("GET", "/api/v2/persons").status, 200);
}

TEST_F(PipedriveTest, ApiTokenIsNoBearer) {
  Request request;
  request.method = "GET";
  request.target = "/api/v2/persons";
  request.headers = {{"authorization", "Bearer sandbox-pipedrive-token"}};
  const Reply reply = sandbox_->Handle(request);
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(Json(reply), (json{{"success", false},
                               {"error", "unauthorized access"},
                               {"errorCode", 401},
                               {"error_info", "Please check developers.pipedrive.com"}}));
}

TEST_F(PipedriveTest, ListRefusesWhatItDoesNotKnow) {
  for (const char* query :
       {"limit=501", "limit=0", "limit=x", "cursor=nonsense", "cursor=eyJhIjoxfQ==", "bogus=1",
        "updated_since=2026-01-01T00:00:00.5Z", "updated_since=2026-01-01", "sort_by=name",
        "include_fields=nothing", "custom_fields=0123456789012345678901234567890123456789",
        "include_option_labels=1", "ids=1,x"}) {
    EXPECT_EQ(Send("GET", std::string("/api/v2/persons?") + query).status, 400) << query;
  }
}

TEST_F(PipedriveTest, CursorsVisitEverybodyOnceInAnyOrder) {
  for (const char* sort : {"id", "update_time", "add_time"}) {
    for (const char* direction : {"asc", "desc"}) {
      std::set<int64_t> seen;
      std::string cursor;
      do {
        const json page = GetJson("/api/v2/persons?limit=7&sort_by=" + std::string(sort) +
                                  "&sort_direction=" + direction + cursor);
        for (const json& person : page["data"]) {
          EXPECT_TRUE(seen.insert(person["id"].get<int64_t>()).second);
        }
        const json next = page["additional_data"]["next_cursor"];
        cursor = next.is_null() ? "" : "&cursor=" + next.get<std::string>();
        Advance(2);  // stay inside the limits
      } while (!cursor.empty());
      EXPECT_GE(seen.size(), 40U);
    }
  }
}

TEST_F(PipedriveTest, UpdatedWindowsAreHalfOpen) {
  const std::string time = GetJson("/api/v2/persons/1")["data"]["update_time"];
  const auto has = [&](const std::string& query) {
    const json page = GetJson("/api/v2/persons?limit=500&" + query);
    for (const json& person : page["data"]) {
      if (person["id"] == 1) return true;
    }
    return false;
  };
  EXPECT_TRUE(has("updated_since=" + time));
  EXPECT_FALSE(has("updated_until=" + time));
}

TEST_F(PipedriveTest, CountsComeOnlyWhenAskedFor) {
  EXPECT_FALSE(GetJson("/api/v2/persons/1")["data"].contains("won_deals_count"));
  EXPECT_TRUE(GetJson("/api/v2/persons/1?include_fields=won_deals_count")["data"].contains(
      "won_deals_count"));
}

TEST_F(PipedriveTest, WritesAreStrict) {
  const json bodies[] = {json::object(),
                         {{"name", 5}},
                         {{"name", ""}},
                         {{"name", "A"}, {"owner_id", "1"}},
                         {{"name", "A"}, {"emails", {"a@b.example"}}},
                         {{"name", "A"}, {"email", json::array()}},
                         {{"name", "A"}, {"visible_to", "3"}},
                         {{"name", "A"}, {"org_id", 999}},
                         {{"name", "A"}, {"update_time", "2026-01-01T00:00:00Z"}},
                         {{"name", "A"}, {"custom_fields", {{"unknown", 1}}}},
                         {{"name", "A"},
                          {"emails",
                           {{{"value", "a@b.example"}, {"primary", true}},
                            {{"value", "c@d.example"}, {"primary", true}}}}}};
  for (const json& body : bodies) {
    EXPECT_EQ(Send("POST", "/api/v2/persons", body).status, 400) << body;
  }
  EXPECT_EQ(Send("POST", "/api/v2/persons", {{"name", "A"}, {"job_title", "x"}}).status, 403);
}

TEST_F(PipedriveTest, CustomValuesAreCheckedByType) {
  const json fields = GetJson("/api/v2/personFields?limit=500")["data"];
  std::map<std::string, std::string> key;
  for (const json& field : fields) key[field["field_name"]] = field["field_code"];
  const auto patch = [&](const char* name, const json& value) {
    return Send("PATCH", "/api/v2/persons/1", {{"custom_fields", {{key[name], value}}}}).status;
  };
  EXPECT_EQ(patch("Lead Source", json::array()), 400);  // clearing is null
  EXPECT_EQ(patch("Lead Source", nullptr), 200);
  EXPECT_EQ(patch("Industry", "Retail"), 400);
  EXPECT_EQ(patch("Score", "5"), 400);
  EXPECT_EQ(patch("Score", 5.5), 200);
  EXPECT_EQ(patch("Budget", 5), 400);
  EXPECT_EQ(patch("Birthday", "01.02.1990"), 400);
}

TEST_F(PipedriveTest, AddressesAreReplacedWhole) {
  Send("PATCH", "/api/v2/persons/1",
       {{"emails", {{{"value", "one@x.example"}}, {{"value", "two@x.example"}}}}});
  Send("PATCH", "/api/v2/persons/1", {{"emails", {{{"value", "three@x.example"}}}}});
  const json emails = GetJson("/api/v2/persons/1")["data"]["emails"];
  ASSERT_EQ(emails.size(), 1U);
  EXPECT_EQ(emails[0]["primary"], true);  // the first becomes primary
  EXPECT_EQ(emails[0]["label"], "work");
}

TEST_F(PipedriveTest, AnEqualWriteChangesNothing) {
  const json before = GetJson("/api/v2/persons/1")["data"];
  Advance(100);
  EXPECT_EQ(Send("PATCH", "/api/v2/persons/1", {{"name", before["name"]}}).status, 200);
  EXPECT_EQ(GetJson("/api/v2/persons/1")["data"]["update_time"], before["update_time"]);
}

TEST_F(PipedriveTest, SearchLearnsLater) {
  Send("POST", "/api/v2/persons", {{"name", "Zebedee Quux"}});
  const std::string search = "/api/v2/persons/search?term=zebedee";
  EXPECT_TRUE(GetJson(search)["data"]["items"].empty());
  Advance(4);
  EXPECT_EQ(GetJson(search)["data"]["items"].size(), 1U);
  EXPECT_EQ(Send("GET", "/api/v2/persons/search?term=z").status, 400);
}

TEST_F(PipedriveTest, SearchKnowsItsParametersAndPages) {
  for (const char* wrong : {"term=z", "term=%C3%A9", "term=ab&fields=colour",
                            "term=ab&item_types=x", "term=ab&limit=101", "term=ab&cursor=x"}) {
    EXPECT_EQ(Send("GET", std::string("/api/v2/itemSearch?") + wrong).status, 400) << wrong;
  }
  const std::string query = "term=example&item_types=person&limit=3";
  const json first = GetJson("/api/v2/itemSearch?" + query);
  ASSERT_EQ(first["data"]["items"].size(), 3U);
  EXPECT_FALSE(first["data"].contains("related_items"));
  const json second = GetJson("/api/v2/itemSearch?" + query + "&cursor=" +
                              first["additional_data"]["next_cursor"].get<std::string>());
  EXPECT_NE(second["data"]["items"][0], first["data"]["items"][0]);
  const json old = GetJson("/v1/itemSearch?" + query + "&start=3");
  EXPECT_EQ(old["data"]["items"], second["data"]["items"]);
  EXPECT_EQ(old["additional_data"]["pagination"]["next_start"], 6);
}

TEST_F(PipedriveTest, SearchAddsWhatIsRelatedWhenAsked) {
  Send("POST", "/api/v2/persons", {{"name", "Zebedee Quux"}});
  Advance(4);
  const std::string search = "/api/v2/itemSearch?term=zebedee&search_for_related_items=true";
  const json person = GetJson(search)["data"];
  EXPECT_TRUE(person["related_items"].empty());
  const int64_t id = person["items"][0]["item"]["id"];
  Send("POST", "/api/v2/deals", {{"title", "Big one"}, {"person_id", id}});
  const json related = GetJson(search)["data"]["related_items"];
  ASSERT_EQ(related.size(), 1U);
  EXPECT_EQ(related[0]["item"]["title"], "Big one");
  EXPECT_EQ(related[0]["item"]["person"]["name"], "Zebedee Quux");
}

TEST_F(PipedriveTest, DeletedPersonsLeaveTheListButNotTheRecord) {
  Send("DELETE", "/api/v2/persons/7");
  EXPECT_TRUE(GetJson("/api/v2/persons?ids=7")["data"].empty());
  EXPECT_EQ(GetJson("/api/v2/persons/7")["data"]["is_deleted"], true);
  EXPECT_EQ(Send("PATCH", "/api/v2/persons/7", {{"name", "X"}}).status, 404);
}

TEST_F(PipedriveTest, MergeKeepsTheOneNamedInTheBody) {
  EXPECT_EQ(Send("PUT", "/v1/persons/8/merge", {{"merge_with_id", 9}}).status, 200);
  EXPECT_EQ(GetJson("/api/v2/persons/8")["data"]["is_deleted"], true);
  EXPECT_EQ(GetJson("/api/v2/persons/9")["data"]["is_deleted"], false);
}

TEST_F(PipedriveTest, ConsentMovesOnce) {
  Options options = SmallOptions();
  options.campaigns = true;
  Use(options);
  const json made = Json(
      Send("POST", "/api/v2/persons", {{"name", "A"}, {"emails", {{{"value", "a@x.example"}}}}}));
  const std::string path = "/api/v2/persons/" + made["data"]["id"].dump();
  const std::string read = path + "?include_fields=marketing_status";
  EXPECT_EQ(Send("PATCH", path, {{"marketing_status", "subscribed"}}).status, 200);
  EXPECT_EQ(GetJson(read)["data"]["marketing_status"], "subscribed");
  EXPECT_EQ(Send("PATCH", path, {{"marketing_status", "unsubscribed"}}).status, 200);
  EXPECT_EQ(GetJson(read)["data"]["marketing_status"], "subscribed");
}

TEST_F(PipedriveTest, DealsMoveTheCountsOfTheirPerson) {
  const std::string read = "/api/v2/persons/11?include_fields=open_deals_count,won_deals_count";
  const json before = GetJson(read)["data"];
  const json deal =
      Json(Send("POST", "/api/v2/deals", {{"title", "D"}, {"person_id", 11}, {"value", 1.5}}));
  EXPECT_EQ(GetJson(read)["data"]["open_deals_count"], before["open_deals_count"].get<int>() + 1);
  Send("PATCH", "/api/v2/deals/" + deal["data"]["id"].dump(), {{"status", "won"}});
  EXPECT_EQ(GetJson(read)["data"]["open_deals_count"], before["open_deals_count"]);
  EXPECT_EQ(GetJson(read)["data"]["won_deals_count"], before["won_deals_count"].get<int>() + 1);
}

TEST_F(PipedriveTest, DealsAreInOneOfThreeListsInBothVersions) {
  const auto find = [this](const std::string& path, const json& id) {
    const json page = GetJson(path);
    if (!page["data"].is_array()) return false;
    for (const json& deal : page["data"]) {
      if (deal["id"] == id) return true;
    }
    return false;
  };
  const json id = Json(Send("POST", "/api/v2/deals", {{"title", "D"}}))["data"]["id"];
  const std::string path = "/sandbox/pipedrive/deals/" + id.dump();
  const std::string v2 = "?limit=500&sort_direction=desc";
  const auto places = [&] {
    Advance(3);
    return std::vector<bool>{find("/api/v2/deals" + v2, id),
                             find("/api/v2/deals/archived" + v2, id),
                             find("/api/v2/deals" + v2 + "&status=deleted", id),
                             find("/api/v1/deals?limit=500", id),
                             find("/api/v1/deals/archived?limit=500", id),
                             find("/api/v1/deals?limit=500&status=deleted", id)};
  };
  EXPECT_EQ(places(), (std::vector<bool>{true, false, false, true, false, false}));
  Send("POST", path, {{"is_archived", true}});
  EXPECT_EQ(places(), (std::vector<bool>{false, true, false, false, true, false}));
  Send("POST", path, {{"is_archived", false}});
  Send("DELETE", path);
  EXPECT_EQ(places(), (std::vector<bool>{false, false, true, false, false, true}));
  EXPECT_EQ(GetJson("/api/v2/deals/" + id.dump())["data"]["status"], "deleted");
  Advance(31 * 86400);
  EXPECT_FALSE(find("/api/v2/deals" + v2 + "&status=deleted", id)) << "shown for 30 days";
}

TEST_F(PipedriveTest, AnotherPipelineBeginsAtItsFirstStage) {
  const json id =
      Json(Send("POST", "/api/v2/deals", {{"title", "D"}, {"stage_id", 3}}))["data"]["id"];
  const json moved =
      Json(Send("PATCH", "/api/v2/deals/" + id.dump(), {{"pipeline_id", 2}}))["data"];
  EXPECT_EQ(moved["pipeline_id"], 2);
  EXPECT_EQ(moved["stage_id"], 5);
}

TEST_F(PipedriveTest, PipelinesAndStagesAnswerInBothVersions) {
  EXPECT_EQ(GetJson("/api/v2/pipelines")["data"].size(), 2U);
  EXPECT_EQ(GetJson("/api/v2/stages?pipeline_id=2")["data"].size(), 3U);
  EXPECT_EQ(GetJson("/api/v1/pipelines")["data"][0]["active"], true);
  EXPECT_EQ(GetJson("/api/v1/stages")["data"].size(), 7U);
}

TEST_F(PipedriveTest, FieldsNeedMoreThanOneDefaultPage) {
  const json page = GetJson("/api/v2/personFields");
  EXPECT_EQ(page["data"].size(), 100U);
  EXPECT_FALSE(page["additional_data"]["next_cursor"].is_null());
}

TEST_F(PipedriveTest, BurstIsRefusedWithHeadersThenBlocked) {
  Reply last;
  for (int i = 0; i < 41; ++i) last = Send("GET", "/api/v2/persons/1");
  EXPECT_EQ(last.status, 429);
  for (int i = 0; i < 6; ++i) last = Send("GET", "/api/v2/persons/1");
  EXPECT_EQ(last.status, 403);
  EXPECT_EQ(last.content_type.substr(0, 9), "text/html");
}

TEST_F(PipedriveTest, SameSeedSamePeople) {
  const std::string first = Send("GET", "/api/v2/persons?limit=50").body;
  Use(SmallOptions());
  EXPECT_EQ(Send("GET", "/api/v2/persons?limit=50").body, first);
}

}  // namespace
}  // namespace sandbox
