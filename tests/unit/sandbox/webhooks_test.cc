// Deliveries: what is sent, how often it is tried again, and when it is lost.
#include <functional>
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

}  // namespace
}  // namespace sandbox
