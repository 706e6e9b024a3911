// Deliveries: what is sent, how often it is tried again, and when it is lost.
#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sandbox_fixture.h"

namespace sandbox {
namespace {

using nlohmann::json;

class WebhooksTest : public SandboxTest {
 protected:
  void SetUp() override {
    SandboxTest::SetUp();
    sandbox_->With([this](World& world) {
      world.post = [this](const std::string&, const std::string& body, const auto&,
                          const std::function<void(int)>& done) {
        sent_.push_back(json::parse(body));
        done(status_);
      };
    });
  }
  void Subscribe(const char* action, const char* object, const char* version = "2.0") {
    const Reply reply = Send("POST", "/v1/webhooks",
                             {{"subscription_url", "http://127.0.0.1:1/hook"},
                              {"event_action", action},
                              {"event_object", object},
                              {"name", "test"},
                              {"version", version}});
    ASSERT_EQ(reply.status, 201) << reply.body;
  }
  void SubscribeBrevo(const json& events) {
    ASSERT_EQ(Send("POST", "/v3/webhooks",
                   {{"url", "http://127.0.0.1:1/b"}, {"type", "marketing"}, {"events", events}})
                  .status,
              201);
  }

  std::vector<json> sent_;
  int status_ = 200;
};

TEST_F(WebhooksTest, ChangeCarriesOnlyWhatChanged) {
  Subscribe("change", "person");
  Send("POST", "/sandbox/pipedrive/persons/1", {{"name", "New Name"}});
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0]["meta"]["change_source"], "app");
  EXPECT_EQ(sent_[0]["meta"]["entity_id"], "1");
  EXPECT_EQ(sent_[0]["data"]["name"], "New Name");
  EXPECT_TRUE(sent_[0]["data"]["visible_to"].is_string());
  EXPECT_TRUE(sent_[0]["previous"].contains("name"));
  EXPECT_FALSE(sent_[0]["previous"].contains("owner_id"));
}

TEST_F(WebhooksTest, DeleteHasNoDataAndTheWholePrevious) {
  Subscribe("*", "person");
  Send("DELETE", "/api/v2/persons/1");
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_TRUE(sent_[0]["data"].is_null());
  EXPECT_EQ(sent_[0]["previous"]["id"], 1);
  EXPECT_EQ(sent_[0]["meta"]["change_source"], "api");
}

TEST_F(WebhooksTest, MergeIsADeleteAndAChange) {
  Subscribe("*", "person");
  Send("PUT", "/v1/persons/8/merge", {{"merge_with_id", 9}});
  ASSERT_EQ(sent_.size(), 2U);
  EXPECT_EQ(sent_[0]["meta"]["merged_to_id"], "9");
  EXPECT_EQ(sent_[1]["meta"]["merged_from_id"], "8");
}

TEST_F(WebhooksTest, OldEnvelope) {
  Subscribe("added", "person", "1.0");
  Send("POST", "/api/v2/persons", {{"name", "A"}});
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0]["event"], "added.person");
  EXPECT_EQ(sent_[0]["retry"], 0);
}

TEST_F(WebhooksTest, OldRecordsAreFlatAndComeWithTheWholePreviousOne) {
  Subscribe("*", "*", "1.0");
  Send("POST", "/sandbox/pipedrive/deals",
       {{"title", "D"}, {"person_id", 1}, {"stage_id", 1}, {"value", 20}});
  const int64_t deal = sent_.at(0)["current"]["id"];
  Send("POST", "/sandbox/pipedrive/deals/" + std::to_string(deal), {{"stage_id", 2}});
  ASSERT_EQ(sent_.size(), 2U);
  const json& current = sent_[1]["current"];
  EXPECT_EQ(current["person_id"], 1);
  EXPECT_TRUE(current["user_id"].is_number());
  EXPECT_EQ(current["deleted"], false);
  EXPECT_EQ(current["update_time"].get<std::string>()[10], ' ');
  EXPECT_FALSE(current.contains("custom_fields"));
  EXPECT_EQ(sent_[1]["previous"]["stage_id"], 1);
  EXPECT_EQ(sent_[1]["previous"]["title"], "D");
  sent_.clear();
  Send("POST", "/sandbox/pipedrive/persons/1", {{"name", "New Name"}});
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_TRUE(sent_[0]["previous"].contains("email"));
  EXPECT_NE(sent_[0]["previous"]["name"], "New Name");
  sent_.clear();
  Send("POST", "/sandbox/pipedrive/persons/8/merge", {{"merge_with_id", 9}});
  ASSERT_EQ(sent_.size(), 2U);
  EXPECT_EQ(sent_[0]["event"], "deleted.person");
  EXPECT_TRUE(sent_[0]["current"].is_null());
  EXPECT_EQ(sent_[1]["event"], "merged.person");
  EXPECT_EQ(sent_[1]["current"]["id"], 9);
  EXPECT_EQ(sent_[1]["current"]["merge_what_id"], 8);
}

TEST_F(WebhooksTest, AnActivityKeepsOldNamesAndATimeOfItsOwnShape) {
  Subscribe("create", "activity");
  Send("POST", "/sandbox/pipedrive/activities", {{"subject", "Call"}});
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0]["data"]["active_flag"], true);
  EXPECT_TRUE(sent_[0]["data"].contains("busy_flag"));
  EXPECT_TRUE(sent_[0]["data"]["due_time"].contains("value"));
  EXPECT_FALSE(sent_[0]["data"].contains("is_deleted"));
}

TEST_F(WebhooksTest, ABulkEditIsOneDeliveryForEachRecord) {
  Subscribe("*", "person");
  Send("DELETE", "/sandbox/pipedrive/persons/3");
  sent_.clear();
  const json answer = Json(Send("POST", "/sandbox/pipedrive/persons/bulk",
                                {{"from", 2}, {"to", 5}, {"changes", {{"name", "Bulk {id}"}}}}));
  EXPECT_EQ(answer["changed"], 3);
  ASSERT_EQ(sent_.size(), 3U);
  EXPECT_EQ(sent_[0]["meta"]["is_bulk_edit"], true);
  EXPECT_EQ(sent_[0]["data"]["name"], "Bulk 2");
  EXPECT_EQ(sent_[2]["data"]["name"], "Bulk 5");
  Send("POST", "/sandbox/pipedrive/persons/2", {{"name", "Alone"}});
  EXPECT_EQ(sent_[3]["meta"]["is_bulk_edit"], false);
}

TEST_F(WebhooksTest, BadWeatherShufflesAndDoubles) {
  Subscribe("change", "person");
  Send("POST", "/sandbox/webhooks", {{"reorder_s", 2.0}, {"duplicates", 0.3}});
  Send("POST", "/sandbox/pipedrive/persons/bulk",
       {{"from", 1}, {"to", 50}, {"changes", {{"name", "Bulk {id}"}}}});
  EXPECT_TRUE(sent_.empty());
  Advance(2.1);
  std::map<std::string, int> by_event;
  std::vector<int64_t> order;
  for (const json& body : sent_) {
    ++by_event[body["meta"]["id"].get<std::string>()];
    order.push_back(body["data"]["id"]);
  }
  EXPECT_EQ(by_event.size(), 50U);
  EXPECT_GT(sent_.size(), 55U);
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(GetJson("/sandbox/stats")["webhooks"]["doubled"], sent_.size() - 50);
}

TEST_F(WebhooksTest, AMergeMayComeTheOtherWayRound) {
  Subscribe("*", "person");
  Send("POST", "/sandbox/webhooks", {{"merge_change_first", true}});
  Send("PUT", "/v1/persons/8/merge", {{"merge_with_id", 9}});
  ASSERT_EQ(sent_.size(), 2U);
  EXPECT_EQ(sent_[0]["meta"]["merged_from_id"], "8");
  EXPECT_EQ(sent_[1]["meta"]["merged_to_id"], "9");
}

TEST_F(WebhooksTest, ThreeDaysWithoutASuccessRemoveIt) {
  Subscribe("change", "person");
  const auto count = [this] { return GetJson("/v1/webhooks")["data"].size(); };
  const auto edit = [this](const std::string& name) {
    Send("POST", "/sandbox/pipedrive/persons/1", {{"name", name}});
  };
  status_ = 500;
  edit("A");
  Advance(2 * 86'400);
  status_ = 200;
  edit("B");
  status_ = 500;
  Advance(2 * 86'400);
  edit("C");
  Advance(3 * 86'400 - 1000);
  edit("D");
  EXPECT_EQ(count(), 1U);
  Advance(1000);
  edit("E");
  EXPECT_EQ(count(), 0U);
  EXPECT_EQ(GetJson("/sandbox/stats")["webhooks"]["removed"], 1);
}

TEST_F(WebhooksTest, ThreeRetriesThenLost) {
  Subscribe("*", "person");
  status_ = 500;
  Send("DELETE", "/api/v2/persons/1");
  for (const double seconds : {3.0, 30.0, 150.0, 1000.0}) Advance(seconds);
  ASSERT_EQ(sent_.size(), 4U);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(sent_[i]["meta"]["attempt"], i + 1);
    EXPECT_EQ(sent_[i]["meta"]["id"], sent_[0]["meta"]["id"]);
  }
}

TEST_F(WebhooksTest, TenFailedFirstAttemptsBan) {
  Subscribe("create", "person");
  status_ = 0;
  for (int i = 0; i < 10; ++i) Send("POST", "/sandbox/pipedrive/persons", {{"name", "A"}});
  EXPECT_EQ(sent_.size(), 10U);
  Send("POST", "/sandbox/pipedrive/persons", {{"name", "Lost"}});
  EXPECT_EQ(sent_.size(), 10U);
  status_ = 200;
  Advance(1800);
  sent_.clear();
  Send("POST", "/sandbox/pipedrive/persons", {{"name", "Heard"}});
  EXPECT_EQ(sent_.size(), 1U);
}

TEST_F(WebhooksTest, BrevoNamesTheKeyOfSingleCallsButNotOfImports) {
  SubscribeBrevo({"contactUpdated", "listAddition"});
  Send("POST", "/v3/contacts", {{"email", "a@x.example"}, {"listIds", {60}}});
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0]["event"], "list_addition");
  EXPECT_EQ(sent_[0]["api_key_name"], "sandbox-key");
  Send("POST", "/v3/contacts/import",
       {{"listIds", {60}},
        {"jsonBody", {{{"email", "a@x.example"}, {"attributes", {{"FIRSTNAME", "A"}}}}}}});
  Advance(60);
  ASSERT_EQ(sent_.size(), 2U);
  EXPECT_EQ(sent_[1]["event"], "contact_updated");
  EXPECT_EQ(sent_[1]["content"][0]["attributes"], (json{{"FIRSTNAME", "A"}}));
  EXPECT_EQ(sent_[1]["api_key_name"], "");
}

TEST_F(WebhooksTest, BrevoDiscardsOnAServerErrorAndWaitsOn429) {
  SubscribeBrevo({"contactDeleted"});
  Send("POST", "/v3/contacts", {{"email", "a@x.example"}});
  Send("POST", "/v3/contacts", {{"email", "b@x.example"}});
  status_ = 503;
  Send("DELETE", "/v3/contacts/a%40x.example");
  Advance(100'000);
  EXPECT_EQ(sent_.size(), 1U);
  status_ = 429;
  Send("DELETE", "/v3/contacts/b%40x.example");
  Advance(600);
  EXPECT_EQ(sent_.size(), 3U);
  EXPECT_EQ(sent_[2]["email"], (json{"b@x.example"}));
}

TEST_F(WebhooksTest, BrevoBlocksAfterABounceAndAComplaint) {
  SubscribeBrevo({"hardBounce", "spam"});
  for (const char* event : {"hard_bounce", "spam"}) {
    const std::string email = std::string(event) + "@x.example";
    Send("POST", "/v3/contacts", {{"email", email}});
    Send("POST", "/sandbox/brevo/contacts/" + email, {{event, true}});
    ASSERT_FALSE(sent_.empty());
    EXPECT_EQ(sent_.back()["event"], event);
    EXPECT_EQ(sent_.back()["email"], email);
    EXPECT_EQ(Contact(email)["emailBlacklisted"], true);
  }
  EXPECT_EQ(sent_.size(), 2U);
}

TEST_F(WebhooksTest, BrevoTakesTurnsInItsShapes) {
  SubscribeBrevo({"contactUpdated"});
  Send("POST", "/sandbox/webhooks", {{"mixed_shapes", true}});
  Send("POST", "/v3/contacts", {{"email", "a@x.example"}});
  for (const char* name : {"A", "B", "C"}) {
    Send("PUT", "/v3/contacts/a%40x.example", {{"attributes", {{"FIRSTNAME", name}}}});
  }
  ASSERT_EQ(sent_.size(), 3U);
  EXPECT_EQ(sent_[0]["email"], "a@x.example");
  EXPECT_FALSE(sent_[1].contains("email"));
  EXPECT_TRUE(sent_[1]["content"][0].contains("list"));
  EXPECT_FALSE(sent_[2].contains("api_key_name"));
  for (const json& body : sent_) EXPECT_EQ(body["content"][0]["email"], "a@x.example");
}

}  // namespace
}  // namespace sandbox
