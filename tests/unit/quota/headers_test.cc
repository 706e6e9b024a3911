#include "quota/headers.h"

#include <gtest/gtest.h>

namespace connector::quota {
namespace {

struct Case {
  Api api;
  int status;
  QuotaHeaders headers;
  Throttle expected;
};

QuotaHeaders Headers(std::optional<int64_t> remaining, std::optional<int64_t> day_remaining,
                     bool json = true) {
  QuotaHeaders headers;
  headers.remaining = remaining;
  headers.day_remaining = day_remaining;
  headers.json = json;
  return headers;
}

TEST(ClassifyThrottleTest, RowByRow) {
  const std::optional<int64_t> none;
  const Case cases[] = {
      {Api::kPipedrive, 200, Headers(0, 0), Throttle::kNone},
      {Api::kPipedrive, 500, Headers(none, none, false), Throttle::kNone},
      {Api::kPipedrive, 429, Headers(none, none), Throttle::kBurst},
      {Api::kPipedrive, 429, Headers(0, none), Throttle::kBurst},
      {Api::kPipedrive, 429, Headers(1, none), Throttle::kDaily},
      {Api::kPipedrive, 429, Headers(none, 0), Throttle::kDaily},
      {Api::kPipedrive, 429, Headers(0, 0), Throttle::kDaily},
      {Api::kPipedrive, 429, Headers(5, 5), Throttle::kDaily},  // fewer than the call costs
      {Api::kPipedrive, 429, Headers(0, 5), Throttle::kBurst},
      {Api::kPipedrive, 429, Headers(5, 5000), Throttle::kBurst},
      {Api::kPipedrive, 429, Headers(0, 5000, false), Throttle::kBurst},
      {Api::kPipedrive, 403, Headers(none, none, false), Throttle::kBlocked},
      {Api::kPipedrive, 403, Headers(none, none), Throttle::kNone},
      {Api::kBrevo, 429, Headers(5, none), Throttle::kBurst},
      {Api::kBrevo, 403, Headers(none, none, false), Throttle::kBlocked},
      {Api::kBrevo, 403, Headers(none, none), Throttle::kNone},
  };
  for (const Case& row : cases) {
    const Operation operation{"x", row.api, Family::kPipedriveGeneral, 10};
    EXPECT_EQ(ClassifyThrottle(operation, row.status, row.headers), row.expected)
        << "row " << &row - cases;
  }
}

}  // namespace
}  // namespace connector::quota
