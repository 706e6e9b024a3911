#include "rpc/webhook_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "absl/strings/str_cat.h"
#include "unit/rpc/server_fixture.h"

namespace connector::rpc {
namespace {

using ::testing::HasSubstr;

std::string Body(const std::string& event, const std::string& object = "person") {
  return absl::StrCat(R"({"meta":{"action":"change","entity":")", object,
                      R"(","entity_id":"8","id":")", event,
                      R"(","timestamp":"2026-01-02T03:04:05.678Z"},"data":{"id":8}})");
}

class WebhookCallTest : public ServerFixture {
 protected:
  grpc::Status Send(const v1::HandleWebhookRequest& request, grpc::ClientContext& context) {
    response.Clear();
    return stub->HandleWebhook(&context, request, &response);
  }
  grpc::Status Send(const v1::HandleWebhookRequest& request) {
    CallContext context;
    return Send(request, context);
  }
  static v1::HandleWebhookRequest Webhook(const std::string& body, bool wait = false) {
    v1::HandleWebhookRequest request;
    request.set_body(body);
    request.set_wait(wait);
    return request;
  }
  static v1::HandleWebhookRequest Topic(int deal, const std::string& topic = "deal.stage_changed") {
    v1::HandleWebhookRequest request;
    request.mutable_topic_event()->set_topic(topic);
    auto& fields = *request.mutable_topic_event()->mutable_payload()->mutable_fields();
    fields["dealId"].set_number_value(deal);
    fields["value"].set_number_value(12.5);
    fields["currency"].set_string_value("EUR");
    return request;
  }
  std::vector<store::LeasedEvent> Lease() {
    return *storage->LeaseInbox("default", "w", clock.Now(), kLease, 100);
  }
  void SettleAll() {
    store::IngestBatch batch;
    for (const auto& event : Lease()) batch.settled.push_back({event.id, {}});
    ASSERT_TRUE(storage->FinishIngest("default", "w", batch).ok());
  }

  const std::unique_ptr<v1::PipedriveConnector::Stub> stub =
      v1::PipedriveConnector::NewStub(Connect());
  v1::HandleWebhookResponse response;
};

TEST_F(WebhookCallTest, TellsWhatBecameOfAnEvent) {
  struct Case {
    v1::HandleWebhookRequest request;
    v1::WebhookOutcome outcome;
  };
  for (const Case& c : {Case{Webhook(Body("e")), v1::WEBHOOK_OUTCOME_ACCEPTED},
                        {Webhook(Body("e")), v1::WEBHOOK_OUTCOME_DUPLICATE},
                        {Webhook(Body("f", "note")), v1::WEBHOOK_OUTCOME_IGNORED},
                        {Topic(8), v1::WEBHOOK_OUTCOME_ACCEPTED},
                        {Topic(8), v1::WEBHOOK_OUTCOME_DUPLICATE},
                        {Topic(9), v1::WEBHOOK_OUTCOME_ACCEPTED}}) {
    const grpc::Status status = Send(c.request);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.outcome(), c.outcome) << c.request.ShortDebugString();
    EXPECT_NE(response.event_id(), "");
    EXPECT_EQ(response.detail().empty(), c.outcome != v1::WEBHOOK_OUTCOME_IGNORED);
  }
  const auto events = Lease();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[1].entry.lane, "deal/8");
  EXPECT_THAT(events[1].entry.body, HasSubstr("\"dealId\":8"));
}

TEST_F(WebhookCallTest, EqualTopicsAreEqualTexts) {
  v1::HandleWebhookRequest request = Topic(8);
  auto& payload = *request.mutable_topic_event()->mutable_payload()->mutable_fields();
  payload["a \"quoted\" name"].mutable_list_value()->add_values()->set_bool_value(true);
  payload["a \"quoted\" name"].mutable_list_value()->add_values()->mutable_struct_value();
  payload["a \"quoted\" name"].mutable_list_value()->add_values()->mutable_list_value();
  payload["nothing"].set_null_value(google::protobuf::NULL_VALUE);
  payload["unset"];
  const auto submission = ToSubmission(request);
  ASSERT_TRUE(submission.ok()) << submission.status();
  EXPECT_EQ(submission->body,
            R"({"payload":{"a \"quoted\" name":[true,{},[]],"currency":"EUR","dealId":8,)"
            R"("nothing":null,"unset":null,"value":12.5},"topic":"deal.stage_changed"})");
}

TEST_F(WebhookCallTest, RefusesWhatItCannotRead) {
  v1::HandleWebhookRequest no_number = Topic(8);
  (*no_number.mutable_topic_event()->mutable_payload()->mutable_fields())["value"].set_number_value(
      std::nan(""));
  struct Case {
    v1::HandleWebhookRequest request;
    const char* said;
  };
  for (const Case& c :
       {Case{{}, "topic_event"}, Case{Webhook(""), "JSON"}, Case{Webhook("{}"), "meta"},
        Case{Webhook(std::string((size_t{1} << 20) + 1, ' ')), "body"},
        Case{Webhook(std::string(100'000, '[')), "JSON"}, Case{Topic(8, "deal"), "topic"},
        Case{Topic(-1), "id"}, Case{no_number, "payload"}}) {
    const grpc::Status status = Send(c.request);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << c.said;
    EXPECT_THAT(status.error_message(), HasSubstr(c.said));
  }
  EXPECT_TRUE(Lease().empty());
}

TEST_F(WebhookCallTest, OtherConnectionsAndSources) {
  v1::HandleWebhookRequest request = Webhook(Body("e"));
  request.set_connection("nope");
  EXPECT_EQ(Send(request).error_code(), grpc::StatusCode::NOT_FOUND);
  request.set_connection("default");
  request.set_source(v1::API_PIPEDRIVE);
  EXPECT_TRUE(Send(request).ok());
}

TEST_F(WebhookCallTest, WaitAnswersWhenItIsApplied) {
  std::thread worker([this] {
    while (storage->GetQueueDepth("default")->inbox_events == 0) std::this_thread::yield();
    SettleAll();
  });
  const grpc::Status status = Send(Webhook(Body("e"), /*wait=*/true));
  worker.join();
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.outcome(), v1::WEBHOOK_OUTCOME_APPLIED);
}

TEST_F(WebhookCallTest, WaitEndsWithTheCallersDeadline) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(100));
  EXPECT_EQ(Send(Webhook(Body("e"), /*wait=*/true), context).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(Lease().size(), 1U) << "it is kept";
}

TEST_F(WebhookCallTest, WaitEndsWithTheService) {
  std::thread stop([this] {
    while (storage->GetQueueDepth("default")->inbox_events == 0) std::this_thread::yield();
    intake.EndWaits();
  });
  EXPECT_EQ(Send(Webhook(Body("e"), /*wait=*/true)).error_code(), grpc::StatusCode::UNAVAILABLE);
  stop.join();
}

}  // namespace
}  // namespace connector::rpc
