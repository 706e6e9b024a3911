#include "http/retrying_caller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "support/scripted_transport.h"

namespace connector::http {
namespace {

using ::connector::testing::ScriptedTransport;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;

quota::Operation Read() {
  return {"persons.get", quota::Api::kPipedrive, quota::Family::kPipedriveGeneral, 1};
}
quota::Operation Create() {
  return {"persons.create",
          quota::Api::kPipedrive,
          quota::Family::kPipedriveGeneral,
          5,
          quota::Repeat::kUnsafe,
          true};
}

// The classifier of a vendor in little.
absl::Status Judge(const Response& response) {
  if (response.status == 200 && response.body.starts_with("{")) return absl::OkStatus();
  if (response.status == 200) {
    return WithReaction(absl::DataLossError("not JSON"), Reaction::kAmbiguous);
  }
  if (response.status == 408 || response.status >= 500) {
    auto status = WithReaction(absl::UnavailableError("passing"), Reaction::kRetry);
    if (response.status == 503) status = WithRetryAfter(status, seconds(7));
    return status;
  }
  return WithReaction(absl::InvalidArgumentError("bad"), Reaction::kFailRecord);
}

class RetryingCallerTest : public ::testing::Test {
 protected:
  void Build(RetryingCaller::Options options = {}) {
    options.connection = "main";
    caller_ = std::make_unique<RetryingCaller>(
        std::move(options),
        RetryingCaller::Parts{transport_, budget_, metrics_, clock_, random_, log_});
  }

  absl::StatusOr<Response> Call(const quota::Operation& operation, CallContext context = {}) {
    if (caller_ == nullptr) Build();
    context.counter = &counter_;
    Request request;
    request.url = "https://api.pipedrive.com/api/v2/persons";
    return caller_->Call(operation, request, context, &Judge);
  }

  Duration Elapsed() const { return clock_.Now() - start_; }

  ManualClock clock_;
  const Time start_ = clock_.Now();
  SeededRandom random_{1};
  std::string logged_;
  Logger log_{clock_, LogLevel::kDebug, [this](std::string_view line) { logged_ += line; }};
  metrics::Registry registry_;
  metrics::HttpMetrics metrics_{registry_};
  quota::Budget budget_{{.plan = "lite", .seats = 1}};
  ScriptedTransport transport_;
  CallCounter counter_;
  std::unique_ptr<RetryingCaller> caller_;
};

TEST_F(RetryingCallerTest, SuccessAtOnceWaitsForNothing) {
  transport_.ThenAnswer(200);
  const auto response = Call(Read());
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(Elapsed(), Duration::zero());
  EXPECT_EQ(counter_.calls, 1);
  EXPECT_EQ(counter_.tokens, 1);
  EXPECT_EQ(counter_.writes, 0);
  EXPECT_EQ(counter_.retries, 0);
}

TEST_F(RetryingCallerTest, PassingFailuresOfASafeOperationAreRepeated) {
  transport_.ThenAnswer(500)
      .ThenBrokenOff()
      .ThenAnswer(200, "<html>cut")
      .ThenNotConnected()
      .ThenAnswer(200);
  EXPECT_TRUE(Call(Read()).ok());
  EXPECT_EQ(transport_.sent(), 5u);
  EXPECT_EQ(counter_.retries, 4);
  EXPECT_EQ(counter_.calls, 4) << "what never left is not counted";
  const std::string page = registry_.Serialize();
  for (const char* reason : {"server_error", "no_answer", "answer", "not_sent"}) {
    EXPECT_THAT(page, HasSubstr("reason=\"" + std::string(reason) + "\"} 1"));
  }
}

// Whoever waits with a call learns how long it will be before the waiting begins.
TEST_F(RetryingCallerTest, WaitsAreTold) {
  struct Heard : WaitObserver {
    void OnWait(Time until) override { waits.push_back(until); }
    std::vector<Time> waits;
  } heard;
  const CallContext context{.priority = quota::Priority::kInteractive, .waits = &heard};
  transport_.ThenAnswer(200);
  // Lite allows 20 calls in 2 s.
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(Call(Read(), context).ok());
  EXPECT_TRUE(heard.waits.empty()) << "there was room";
  EXPECT_TRUE(Call(Read(), context).ok());
  ASSERT_FALSE(heard.waits.empty());
  EXPECT_EQ(heard.waits.front(), start_ + seconds(2)) << "for the budget";
  transport_.ThenAnswer(503).ThenAnswer(200);
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(Call(Read(), context).ok());
  EXPECT_GE(heard.waits.back(), start_ + seconds(9)) << "for the vendor's Retry-After";
  EXPECT_EQ(heard.waits.back(), clock_.Now());
}

TEST_F(RetryingCallerTest, AmbiguousFailuresOfAnUnsafeOperationAreReturned) {
  using Script = std::function<void(ScriptedTransport&)>;
  const std::vector<Script> scripts = {
      [](auto& t) { t.ThenBrokenOff(); },
      [](auto& t) { t.ThenAnswer(500); },
      [](auto& t) { t.ThenAnswer(503); },
      [](auto& t) { t.ThenAnswer(200, "<html>cut"); },
      [](auto& t) {
        t.Then([](const Request&) { return absl::ResourceExhaustedError("too large"); });
      },
  };
  for (const Script& script : scripts) {
    ScriptedTransport transport;
    script(transport);
    RetryingCaller caller({}, {transport, budget_, metrics_, clock_, random_, log_});
    const auto status = caller.Call(Create(), Request{}, {}, &Judge).status();
    EXPECT_EQ(ReactionOf(status), Reaction::kAmbiguous) << status;
    EXPECT_EQ(transport.sent(), 1u) << status;
  }
}

TEST_F(RetryingCallerTest, WhatDidNothingIsRepeatedEvenIfUnsafe) {
  transport_.ThenNotConnected().ThenAnswer(429).ThenAnswer(408).ThenAnswer(200);
  EXPECT_TRUE(Call(Create()).ok());
  EXPECT_EQ(transport_.sent(), 4u);
  EXPECT_EQ(counter_.writes, 3);
}

TEST_F(RetryingCallerTest, OtherErrorsAreReturnedAsTheyAre) {
  transport_.ThenAnswer(400);
  const auto status = Call(Read()).status();
  EXPECT_EQ(ReactionOf(status), Reaction::kFailRecord);
  EXPECT_EQ(transport_.sent(), 1u);
}

TEST_F(RetryingCallerTest, TooManyTransientFailures) {
  transport_.ThenAnswer(500);
  const auto status = Call(Read()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReactionOf(status), Reaction::kRetry);
  EXPECT_TRUE(RetryAfterOf(status).has_value());
  EXPECT_THAT(std::string(status.message()), HasSubstr("given up after 5 attempts"));
  EXPECT_EQ(transport_.sent(), 5u);
}

TEST_F(RetryingCallerTest, RetryAfterIsNeverUndercut) {
  transport_.ThenAnswer(503).ThenAnswer(200);
  EXPECT_TRUE(Call(Read()).ok());
  EXPECT_GE(Elapsed(), seconds(7));
}

TEST_F(RetryingCallerTest, ARetryBeyondTheDeadlineIsNotStarted) {
  transport_.ThenAnswer(503);
  const auto status = Call(Read(), {.deadline = start_ + seconds(5)}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_GE(RetryAfterOf(status).value_or(Duration::zero()), seconds(7));
  EXPECT_EQ(transport_.sent(), 1u);
  EXPECT_EQ(Elapsed(), Duration::zero());
}

TEST_F(RetryingCallerTest, AnAttemptTakesNoLongerThanTheDeadline) {
  transport_.ThenAnswer(200);
  EXPECT_TRUE(Call(Read(), {.deadline = start_ + seconds(5)}).ok());
  EXPECT_EQ(transport_.request(0).timeout, seconds(5));
  EXPECT_EQ(Call(Read(), {.deadline = start_}).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(transport_.sent(), 1u);
}

TEST_F(RetryingCallerTest, ABurst429WaitsForItsResetAndIsShown) {
  transport_
      .ThenAnswer(429, "{}",
                  {{"content-type", "application/json"},
                   {"x-ratelimit-limit", "20"},
                   {"x-ratelimit-remaining", "0"},
                   {"x-ratelimit-reset", "2"}})
      .ThenAnswer(200);
  EXPECT_TRUE(Call(Read()).ok());
  EXPECT_GE(Elapsed(), seconds(2));
  EXPECT_LT(Elapsed(), seconds(5));
  EXPECT_THAT(registry_.Serialize(),
              HasSubstr("http_throttled_total{api=\"pipedrive\",kind=\"burst\"} 1"));
  EXPECT_THAT(logged_, HasSubstr("\"kind\":\"burst\""));
}

TEST_F(RetryingCallerTest, ADaily429StopsTheAccount) {
  transport_.ThenAnswer(429, "{}",
                        {{"content-type", "application/json"},
                         {"x-ratelimit-remaining", "15"},
                         {"x-daily-ratelimit-token-remaining", "0"}});
  const auto first = Call(Read()).status();
  EXPECT_EQ(first.code(), absl::StatusCode::kResourceExhausted);
  const auto second = Call(Read()).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(second.message()), HasSubstr("daily"));
  EXPECT_GT(RetryAfterOf(second).value_or(Duration::zero()), minutes(1));
  EXPECT_EQ(transport_.sent(), 1u);
}

TEST_F(RetryingCallerTest, AForbiddenPageStopsTheAccountForLong) {
  transport_.ThenAnswer(403, "<html>", {{"content-type", "text/html"}}).ThenAnswer(200);
  EXPECT_EQ(Call(Read()).status().code(), absl::StatusCode::kResourceExhausted);
  clock_.Advance(minutes(8));
  EXPECT_EQ(Call(Read()).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(transport_.sent(), 1u);
  clock_.Advance(minutes(2));
  EXPECT_TRUE(Call(Read()).ok());
}

TEST_F(RetryingCallerTest, AFullBudgetIsWaitedForUpToTheDeadline) {
  transport_.ThenAnswer(200);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Call(Read(), {.priority = quota::Priority::kInteractive}).ok());
  }
  const auto status = Call(Read(), {.priority = quota::Priority::kInteractive,
                                    .deadline = clock_.Now() + milliseconds(1500)})
                          .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(RetryAfterOf(status), Duration(seconds(2)));
  EXPECT_EQ(Elapsed(), Duration::zero()) << "it must be refused promptly";
  EXPECT_TRUE(Call(Read(), {.priority = quota::Priority::kInteractive,
                            .deadline = clock_.Now() + seconds(3)})
                  .ok());
  EXPECT_EQ(Elapsed(), Duration(seconds(2)));
  EXPECT_THAT(registry_.Serialize(),
              HasSubstr("quota_refusals_total{api=\"pipedrive\",limit=\"burst\","
                        "priority=\"interactive\"} 1"));
}

TEST_F(RetryingCallerTest, AStopEndsTheCall) {
  std::stop_source stop;
  transport_.Then([&stop](const Request&) -> absl::StatusOr<Response> {
    stop.request_stop();
    return Response{500, {}, ""};
  });
  EXPECT_EQ(Call(Read(), {.stop = stop.get_token()}).status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(transport_.sent(), 1u);
}

TEST_F(RetryingCallerTest, TheCircuitOpensAndClosesAgain) {
  Build({.retry = {.max_attempts = 1}});
  transport_.ThenAnswer(500);
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(Call(Read()).ok());
    clock_.Advance(milliseconds(200));
  }
  const auto status = Call(Read()).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("circuit"));
  EXPECT_EQ(transport_.sent(), 20u);
  EXPECT_THAT(registry_.Serialize(),
              HasSubstr("http_circuit_state{api=\"pipedrive\",connection=\"main\"} 2"));

  transport_.ThenAnswer(200);  // the last step of the script, so it is reached after one more 500
  clock_.Advance(seconds(10));
  EXPECT_FALSE(Call(Read()).ok());
  clock_.Advance(seconds(20));
  EXPECT_TRUE(Call(Read()).ok());
  EXPECT_THAT(registry_.Serialize(),
              HasSubstr("http_circuit_state{api=\"pipedrive\",connection=\"main\"} 0"));
}

TEST_F(RetryingCallerTest, UnmeteredCallsPassAStoppedAccount) {
  transport_.ThenAnswer(403, "<html>", {{"content-type", "text/html"}}).ThenAnswer(200);
  EXPECT_FALSE(Call(Read()).ok());
  quota::Operation token{"oauth.token", quota::Api::kPipedrive, quota::Family::kUnmetered};
  EXPECT_TRUE(Call(token).ok());
}

TEST_F(RetryingCallerTest, AnEmptyRetryBudgetDelaysAndNeverFails) {
  Build({.retry = {.max_attempts = 3},
         .retry_budget = {.capacity = 1, .per_success = 0, .per_second = 0.1}});
  transport_.ThenAnswer(500).ThenAnswer(500).ThenAnswer(200);
  EXPECT_TRUE(Call(Read()).ok());
  EXPECT_GE(Elapsed(), seconds(9));
}

TEST_F(RetryingCallerTest, ThirtyPercentFailuresWasteFewCalls) {
  SeededRandom faults(7);
  transport_.Then([&faults](const Request&) -> absl::StatusOr<Response> {
    const uint64_t dice = faults.Below(100);
    if (dice < 10) return Response{500, {}, ""};
    if (dice < 20) return WithReaction(absl::UnknownError("reset"), Reaction::kAmbiguous);
    if (dice < 30) return Response{200, {}, "<html>cut"};
    return Response{200, {}, "{}"};
  });
  Build({.retry = {.max_attempts = 12}});
  constexpr int kCalls = 1000;
  for (int i = 0; i < kCalls; ++i) ASSERT_TRUE(Call(Read()).ok()) << i;
  EXPECT_LE(counter_.calls, 1.6 * kCalls);
}

}  // namespace
}  // namespace connector::http
