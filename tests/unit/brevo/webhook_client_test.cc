#include "brevo/webhook_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_caller.h"

namespace connector::brevo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class WebhookClientTest : public ::testing::Test {
 protected:
  static Subscription Wanted() {
    Subscription wanted;
    wanted.id = 7;
    wanted.url = "https://x.example/webhooks/brevo";
    wanted.description = "pipedrive-connector";
    wanted.events = {"contactUpdated", "spam"};
    wanted.token = Secret("t\"1");
    return wanted;
  }
  testing::FakeCaller caller_;
  std::unique_ptr<WebhookClient> client_ =
      MakeWebhookClient({"https://api.brevo.com", Secret("xkeysib-1")}, caller_);
};

TEST_F(WebhookClientTest, ListsMarketingWebhooks) {
  caller_.Answer(200, R"({"webhooks":[
      {"id":5,"url":"https://a/","description":"d","events":["spam","contactUpdated"],
       "type":"marketing","batched":true,"auth":{"type":"bearer","token":"t"},
       "createdAt":"2026-01-02T03:04:05.678Z"},
      {"id":6,"url":"https://b/","events":["click"]}]})");
  const auto all = client_->ListWebhooks({});
  ASSERT_TRUE(all.ok()) << all.status();
  ASSERT_THAT(*all, SizeIs(2));
  EXPECT_THAT(all->at(0).events, ElementsAre("contactUpdated", "spam"));
  EXPECT_TRUE(all->at(0).batched);
  ASSERT_TRUE(all->at(0).token);
  EXPECT_EQ(all->at(0).token->Reveal(), "t");
  EXPECT_TRUE(all->at(0).created_at);
  EXPECT_FALSE(all->at(1).token) << "not shown";
  EXPECT_EQ(caller_.last().url, "https://api.brevo.com/v3/webhooks?type=marketing&sort=asc");
  EXPECT_EQ(caller_.last().HeaderValue("api-key"), "xkeysib-1");
  EXPECT_EQ(caller_.last().operation.family, quota::Family::kBrevoOther);
}

TEST_F(WebhookClientTest, NotFoundMeansNone) {
  caller_.Answer(404, R"({"code":"document_not_found","message":"Webhook not found"})");
  const auto none = client_->ListWebhooks({});
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_THAT(*none, IsEmpty());
  caller_.Answer(200, R"({"other":1})");
  EXPECT_FALSE(client_->ListWebhooks({}).ok());
  caller_.Answer(401, R"({"code":"unauthorized","message":"Key not found"})");
  EXPECT_EQ(ReactionOf(client_->ListWebhooks({}).status()), Reaction::kPauseAccount);
}

TEST_F(WebhookClientTest, CreatesOneOfTheMarketingKind) {
  caller_.Answer(201, R"({"id":9})");
  const auto id = client_->CreateWebhook(Wanted(), {});
  ASSERT_TRUE(id.ok()) << id.status();
  EXPECT_EQ(*id, 9);
  EXPECT_EQ(caller_.last().method, http::Method::kPost);
  EXPECT_EQ(caller_.last().body,
            R"({"url":"https://x.example/webhooks/brevo","description":"pipedrive-connector",)"
            R"("type":"marketing","channel":"email","batched":false,)"
            R"("events":["contactUpdated","spam"],"auth":{"type":"bearer","token":"t\"1"}})");
  EXPECT_EQ(caller_.last().operation.repeat, quota::Repeat::kUnsafe);
  caller_.Answer(400, R"({"code":"permission_denied","message":"Maximum 40 webhooks"})");
  EXPECT_THAT(client_->CreateWebhook(Wanted(), {}).status().message(), HasSubstr("40"));
}

TEST_F(WebhookClientTest, ChangesAndRemoves) {
  caller_.Answer(204, "", {});
  EXPECT_TRUE(client_->UpdateWebhook(Wanted(), {}).ok());
  EXPECT_EQ(caller_.last().method, http::Method::kPut);
  EXPECT_EQ(caller_.last().url, "https://api.brevo.com/v3/webhooks/7");
  EXPECT_THAT(caller_.last().body, Not(HasSubstr("marketing")));
  caller_.Answer(204, "", {});
  EXPECT_TRUE(client_->DeleteWebhook(7, {}).ok());
  EXPECT_EQ(caller_.last().method, http::Method::kDelete);
  caller_.Answer(404, R"({"code":"document_not_found","message":"Webhook ID does not exist"})");
  EXPECT_TRUE(client_->DeleteWebhook(7, {}).ok()) << "it is gone";
}

}  // namespace
}  // namespace connector::brevo
