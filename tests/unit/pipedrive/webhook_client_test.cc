#include "pipedrive/webhook_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "base/time_format.h"
#include "support/fake_caller.h"

namespace connector::pipedrive {
namespace {

using quota::Repeat;
using ::testing::HasSubstr;
using ::testing::Not;

class WebhookClientTest : public ::testing::Test {
 protected:
  void ExpectCall(http::Method method, const std::string& path, int tokens, Repeat repeat) {
    EXPECT_EQ(caller_.last().method, method);
    EXPECT_EQ(caller_.last().url, "https://acme.pipedrive.com" + path);
    EXPECT_EQ(caller_.last().HeaderValue("x-api-token"), "token-1");
    EXPECT_EQ(caller_.last().operation.tokens, tokens);
    EXPECT_EQ(caller_.last().operation.repeat, repeat);
  }
  static NewSubscription Wanted() {
    return {.action = "*",
            .object = "person",
            .url = "https://sync.example.com/webhooks/pipedrive",
            .name = "connector: person",
            .user = "pipedrive",
            .password = Secret("s3cr3t")};
  }

  testing::FakeCaller caller_;
  std::unique_ptr<WebhookClient> client_ =
      MakeWebhookClient({"https://acme.pipedrive.com", Secret("token-1")}, caller_);
};

TEST_F(WebhookClientTest, Lists) {
  caller_.Answer(200, R"({"status":"ok","success":true,"data":[
    {"id":1,"company_id":7,"owner_id":3,"user_id":3,"event_action":"*","event_object":"person",
     "subscription_url":"https://sync.example.com/webhooks/pipedrive","version":"2.0",
     "is_active":1,"add_time":"2026-11-24T08:00:00Z","remove_time":null,"type":"general",
     "http_auth_user":"pipedrive","http_auth_password":"s3cr3t","remove_reason":null,
     "last_delivery_time":"2026-11-24 08:15:30","last_http_status":200,"admin_id":3,"name":"n"},
    {"id":"2","event_action":"added","event_object":"*","subscription_url":"https://x.example",
     "version":"1.0","is_active":false,"http_auth_user":null,"http_auth_password":null,
     "last_delivery_time":null,"last_http_status":0}]})");
  const auto all = client_->ListWebhooks({});
  ASSERT_TRUE(all.ok()) << all.status();
  ExpectCall(http::Method::kGet, "/api/v1/webhooks", 10, Repeat::kSafe);
  ASSERT_EQ(all->size(), 2u);
  const Subscription& first = (*all)[0];
  EXPECT_EQ(first.id, 1);
  EXPECT_EQ(first.action, "*");
  EXPECT_EQ(first.object, "person");
  EXPECT_EQ(first.url, "https://sync.example.com/webhooks/pipedrive");
  EXPECT_EQ(first.version, "2.0");
  EXPECT_EQ(first.user, "pipedrive");
  EXPECT_TRUE(first.password.Matches("s3cr3t"));
  EXPECT_TRUE(first.is_active);
  EXPECT_EQ(first.add_time, ParseTime("2026-11-24T08:00:00Z"));
  EXPECT_EQ(first.last_delivery_time, ParseTime("2026-11-24T08:15:30Z"));
  EXPECT_EQ(first.last_http_status, 200);
  const Subscription& second = (*all)[1];
  EXPECT_EQ(second.id, 2);
  EXPECT_FALSE(second.is_active);
  EXPECT_TRUE(second.password.empty());
  EXPECT_EQ(second.last_http_status, std::nullopt);
  EXPECT_EQ(second.last_delivery_time, std::nullopt);
}

TEST_F(WebhookClientTest, AListThatIsNotWholeIsAskedForAgain) {
  caller_.Answer(200, R"({"success":true,"data":null})");
  EXPECT_TRUE(client_->ListWebhooks({})->empty());
  for (const char* body : {"{}", R"({"data":[{"event_action":"*"}]})", R"({"data":[)", "null"}) {
    caller_.Answer(200, body);
    const auto all = client_->ListWebhooks({});
    EXPECT_TRUE(absl::IsUnavailable(all.status())) << body;
    EXPECT_EQ(ReactionOf(all.status()), Reaction::kRetry);
  }
}

TEST_F(WebhookClientTest, CreatesOfAPinnedVersion) {
  caller_.Answer(201, R"({"status":"ok","success":true,"data":{"id":12}})");
  EXPECT_EQ(*client_->CreateWebhook(Wanted(), {}), 12);
  ExpectCall(http::Method::kPost, "/api/v1/webhooks", 10, Repeat::kUnsafe);
  EXPECT_EQ(caller_.last().body,
            R"({"subscription_url":"https://sync.example.com/webhooks/pipedrive",)"
            R"("event_action":"*","event_object":"person","name":"connector: person",)"
            R"("version":"2.0","http_auth_user":"pipedrive","http_auth_password":"s3cr3t"})");
  caller_.Answer(201, R"({"success":true})");
  EXPECT_TRUE(absl::IsUnavailable(client_->CreateWebhook(Wanted(), {}).status()));
}

TEST_F(WebhookClientTest, ARefusalConcernsTheSubscriptionAlone) {
  struct Row {
    int status;
    const char* body;
    absl::StatusCode code;
    const char* text;
  };
  for (const Row& row : {
           Row{400,
               R"({"status":"error","success":false,
                   "errors":{"subscription_url":["invalid or non-reachable URL"]}})",
               absl::StatusCode::kInvalidArgument, "subscription_url: invalid or non-reachable"},
           Row{403, R"({"success":false,"message":"Forbidden"})",
               absl::StatusCode::kPermissionDenied, "an admin"},
           Row{403, R"({"success":false,"error":"Scope and URL mismatch"})",
               absl::StatusCode::kPermissionDenied, "the scope admin"},
           Row{422, R"({"status":"error","success":false,"errors":{"webhooks":["limit"]}})",
               absl::StatusCode::kFailedPrecondition, "40 webhooks"},
       }) {
    caller_.Answer(row.status, row.body);
    const absl::Status status = client_->CreateWebhook(Wanted(), {}).status();
    EXPECT_EQ(status.code(), row.code);
    EXPECT_EQ(ReactionOf(status), Reaction::kFailRecord) << row.body;
    EXPECT_THAT(std::string(status.message()), HasSubstr(row.text));
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("s3cr3t")));
  }
  caller_.Answer(403, R"({"success":false,"message":"Forbidden"})");
  EXPECT_EQ(ReactionOf(client_->ListWebhooks({}).status()), Reaction::kFailRecord);
  caller_.Answer(401, R"({"success":false,"error":"unauthorized access"})");
  EXPECT_EQ(ReactionOf(client_->ListWebhooks({}).status()), Reaction::kPauseAccount);
}

TEST_F(WebhookClientTest, DeletesWhatMayBeGone) {
  caller_.Answer(200, R"({"status":"ok","success":true})");
  EXPECT_TRUE(client_->DeleteWebhook(12, {}).ok());
  ExpectCall(http::Method::kDelete, "/api/v1/webhooks/12", 6, Repeat::kSafe);
  caller_.Answer(404, R"({"status":"error","success":false,"errors":{"id":["not found"]}})");
  EXPECT_TRUE(client_->DeleteWebhook(12, {}).ok());
  caller_.Answer(403, R"({"success":false,"message":"Forbidden"})");
  EXPECT_TRUE(absl::IsPermissionDenied(client_->DeleteWebhook(12, {})));
}

}  // namespace
}  // namespace connector::pipedrive
