#include "http/budget_reading.h"

#include <gtest/gtest.h>

#include "http/quota_headers.h"

namespace connector::http {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST(QuotaHeadersTest, ReadsPipedrive) {
  const Response response{200,
                          {{"x-ratelimit-limit", "20"},
                           {"x-ratelimit-remaining", "7"},
                           {"x-ratelimit-reset", "2"},
                           {"x-daily-ratelimit-token-limit", "30000"},
                           {"x-daily-ratelimit-token-remaining", "29000"},
                           {"x-sib-ratelimit-limit", "99"},
                           {"retry-after", "3"},
                           {"content-type", "application/json; charset=utf-8"}},
                          ""};
  const auto headers = ReadQuotaHeaders(quota::Api::kPipedrive, response);
  EXPECT_EQ(headers.limit, 20);
  EXPECT_EQ(headers.remaining, 7);
  EXPECT_EQ(headers.reset, Duration(seconds(2)));
  EXPECT_EQ(headers.day_limit, 30000);
  EXPECT_EQ(headers.day_remaining, 29000);
  EXPECT_EQ(headers.retry_after, Duration(seconds(3)));
  EXPECT_TRUE(headers.json);
}

TEST(QuotaHeadersTest, ReadsBrevo) {
  const Response response{200,
                          {{"x-sib-ratelimit-limit", "10"},
                           {"x-sib-ratelimit-remaining", "0"},
                           {"x-sib-ratelimit-reset", "1"},
                           {"x-daily-ratelimit-token-remaining", "5"},
                           {"content-type", "text/html"}},
                          ""};
  const auto headers = ReadQuotaHeaders(quota::Api::kBrevo, response);
  EXPECT_EQ(headers.limit, 10);
  EXPECT_EQ(headers.remaining, 0);
  EXPECT_EQ(headers.reset, Duration(seconds(1)));
  EXPECT_FALSE(headers.day_remaining.has_value());
  EXPECT_FALSE(headers.json);
}

TEST(QuotaHeadersTest, WhatIsNotAFigureIsAbsent) {
  const Response response{200,
                          {{"x-ratelimit-limit", "many"},
                           {"x-ratelimit-remaining", "-1"},
                           {"x-ratelimit-reset", "NaN"}},
                          ""};
  const auto headers = ReadQuotaHeaders(quota::Api::kPipedrive, response);
  EXPECT_FALSE(headers.limit.has_value());
  EXPECT_FALSE(headers.remaining.has_value());
  EXPECT_FALSE(headers.reset.has_value());
}

TEST(BudgetReadingTest, ShowsLimitsWaitersAndPauses) {
  ManualClock clock;
  quota::Budget budget({.plan = "lite", .seats = 2});
  const quota::Operation read{"persons.get", quota::Api::kPipedrive,
                              quota::Family::kPipedriveGeneral, 100};
  quota::Budget::Place place(budget, quota::Priority::kWebhook);
  auto decision = budget.Admit(read, place, clock.Now());
  ASSERT_TRUE(decision.granted);
  budget.OnResponse(std::move(decision.permit), 200, {}, clock.Now());
  auto second = budget.Admit(read, place, clock.Now());
  ASSERT_TRUE(second.granted);
  quota::QuotaHeaders refusal;
  refusal.json = false;
  budget.OnResponse(std::move(second.permit), 403, refusal, clock.Now());
  quota::Budget::Place waiting(budget, quota::Priority::kBackfill);
  EXPECT_FALSE(budget.Admit(read, waiting, clock.Now()).granted);

  clock.Advance(minutes(1));
  const auto reading = ReadBudget(quota::Api::kPipedrive, "main", budget, clock.Now());
  EXPECT_EQ(reading.api, "pipedrive");
  EXPECT_EQ(reading.pause, "blocked");
  EXPECT_EQ(reading.pause_seconds, 540);
  ASSERT_EQ(reading.limits.size(), 3u);
  EXPECT_EQ(reading.limits[0].name, "burst");
  EXPECT_EQ(reading.limits[0].remaining, 20);
  EXPECT_EQ(reading.limits[2].name, "daily_tokens");
  EXPECT_EQ(reading.limits[2].limit, 60'000);
  EXPECT_EQ(reading.limits[2].remaining, 59'900) << "what was refused cost nothing";
  EXPECT_EQ(reading.limits[2].tokens_spent, 100);
  EXPECT_TRUE(reading.limits[2].estimate);
  EXPECT_EQ(reading.waiting[3], (std::pair<std::string_view, int>("backfill", 1)));
}

}  // namespace
}  // namespace connector::http
