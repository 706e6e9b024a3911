#include <gmock/gmock.h>

#include "base/status.h"
#include "base/time_format.h"
#include "unit/rpc/server_fixture.h"

namespace connector::rpc {
namespace {

using ::testing::HasSubstr;

const std::string kUrl = "https://sync.example.com/webhooks/pipedrive";

class WebhooksTest : public ServerFixture {
 protected:
  WebhooksTest() {
    subscriptions.Add("default", webhooks, {kUrl, {"person", "deal"}, "u", Secret("s3cr3t")});
  }
  grpc::Status Ensure(bool dry_run, v1::EnsureWebhooksResponse& response) {
    CallContext context;
    v1::EnsureWebhooksRequest request;
    request.set_dry_run(dry_run);
    return stub->EnsureWebhooks(&context, request, &response);
  }

  const std::unique_ptr<v1::Operations::Stub> stub = v1::Operations::NewStub(Connect());
  const std::unique_ptr<v1::PipedriveRecords::Stub> records =
      v1::PipedriveRecords::NewStub(Connect());
};

TEST_F(WebhooksTest, EnsureMakesThemWhatTheyShouldBe) {
  webhooks.Put("*", "person", kUrl).user = "u";
  v1::EnsureWebhooksResponse planned;
  ASSERT_TRUE(Ensure(true, planned).ok());
  EXPECT_EQ(webhooks.held.size(), 1u);
  v1::EnsureWebhooksResponse done;
  ASSERT_TRUE(Ensure(false, done).ok());
  EXPECT_EQ(webhooks.held.size(), 2u);
  ASSERT_EQ(done.changes_size(), 2);
  EXPECT_EQ(done.changes(0).event(), "*.person");
  EXPECT_EQ(done.changes(0).action(), v1::WEBHOOK_ACTION_KEPT);
  EXPECT_EQ(done.changes(1).action(), v1::WEBHOOK_ACTION_CREATED);
  EXPECT_EQ(done.changes(1).webhook_id(), 2);
  EXPECT_EQ(done.changes(1).api(), v1::API_PIPEDRIVE);
  EXPECT_EQ(planned.changes(1).action(), v1::WEBHOOK_ACTION_CREATED);
  EXPECT_EQ(planned.changes(1).webhook_id(), 0);
}

TEST_F(WebhooksTest, ListShowsTheirStateAndNoCredential) {
  auto& ours = webhooks.Put("*", "person", kUrl);
  ours.last_delivery_time = ParseTime("2026-11-24T08:15:30Z");
  ours.last_http_status = 503;
  webhooks.Put("*", "deal", "https://user:pa%2Fss@other.example.com/p/@x?token=1#f").is_active =
      false;
  CallContext context;
  v1::ListWebhooksResponse response;
  ASSERT_TRUE(records->ListWebhooks(&context, {}, &response).ok());
  ASSERT_EQ(response.webhooks_size(), 2);
  EXPECT_TRUE(response.webhooks(0).ours());
  EXPECT_TRUE(response.webhooks(0).is_active());
  EXPECT_EQ(response.webhooks(0).last_http_status(), 503);
  EXPECT_EQ(response.webhooks(0).last_delivery_time().seconds(), 1795508130);
  EXPECT_FALSE(response.webhooks(1).ours());
  EXPECT_FALSE(response.webhooks(1).is_active());
  EXPECT_EQ(response.webhooks(1).url(), "https://other.example.com/p/@x");
  EXPECT_EQ(response.DebugString().find("s3cr3t"), std::string::npos);
}

TEST_F(WebhooksTest, ErrorsAreTheContracts) {
  v1::EnsureWebhooksResponse response;
  webhooks.on_call = [](const std::string&) {
    return absl::PermissionDeniedError("webhooks need the token of an admin");
  };
  const grpc::Status refused = Ensure(false, response);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(refused.error_message(), HasSubstr("admin"));
  CallContext context;
  v1::ListWebhooksRequest nobody;
  nobody.set_connection("nobody");
  v1::ListWebhooksResponse none;
  EXPECT_EQ(records->ListWebhooks(&context, nobody, &none).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(WebhooksTest, CreatesAndDeletesOthers) {
  v1::CreateWebhookRequest request;
  request.set_url("https://other.example.com/hook?token=1");
  request.set_event_action("change");
  request.set_event_object("deal");
  request.set_http_auth_user("u");
  request.set_http_auth_password("pass");
  v1::CreateWebhookResponse created;
  {
    CallContext context;
    ASSERT_TRUE(records->CreateWebhook(&context, request, &created).ok());
  }
  ASSERT_EQ(webhooks.held.size(), 1u);
  EXPECT_TRUE(webhooks.held[0].password.Matches("pass"));
  EXPECT_EQ(created.webhook().id(), webhooks.held[0].id);
  EXPECT_EQ(created.webhook().url(), "https://other.example.com/hook");
  EXPECT_FALSE(created.webhook().ours());
  request.set_url("http://other.example.com/hook");
  {
    CallContext context;
    const grpc::Status status = records->CreateWebhook(&context, request, &created);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr("url"));
  }
  CallContext context;
  v1::DeleteWebhookRequest gone;
  gone.set_webhook_id(created.webhook().id());
  v1::DeleteWebhookResponse nothing;
  ASSERT_TRUE(records->DeleteWebhook(&context, gone, &nothing).ok());
  EXPECT_TRUE(webhooks.held.empty());
}

}  // namespace
}  // namespace connector::rpc
