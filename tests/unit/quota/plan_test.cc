#include "quota/plan.h"

#include <gtest/gtest.h>

#include <string>

namespace connector::quota {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

struct PipedriveCase {
  std::string_view name;
  int64_t token_calls;
  int64_t oauth_calls;
  Duration window;
  int64_t daily_tokens_of_three_seats;
};

TEST(PlanTest, PipedriveTables) {
  for (const PipedriveCase& row : {
           PipedriveCase{"lite", 20, 80, seconds(2), 90'000},
           PipedriveCase{"growth", 40, 160, seconds(2), 180'000},
           PipedriveCase{"premium", 100, 400, seconds(2), 450'000},
           PipedriveCase{"ultimate", 120, 480, seconds(2), 630'000},
           PipedriveCase{"essential", 20, 80, seconds(2), 90'000},
           PipedriveCase{"advanced", 40, 160, seconds(2), 180'000},
           PipedriveCase{"professional", 80, 320, seconds(2), 270'000},
           PipedriveCase{"power", 100, 400, seconds(2), 450'000},
           PipedriveCase{"enterprise", 120, 480, seconds(2), 630'000},
           PipedriveCase{"classic_essential", 80, 80, seconds(10), 0},
           PipedriveCase{"classic_advanced", 100, 80, seconds(10), 0},
           PipedriveCase{"classic_professional", 200, 80, seconds(10), 0},
           PipedriveCase{"classic_power", 200, 80, seconds(10), 0},
           PipedriveCase{"classic_enterprise", 400, 80, seconds(10), 0},
       }) {
    const auto token = FindPlan(Api::kPipedrive, row.name, Credential::kApiToken, 3);
    const auto oauth = FindPlan(Api::kPipedrive, row.name, Credential::kOAuth, 3);
    ASSERT_TRUE(token.has_value() && oauth.has_value()) << row.name;
    EXPECT_EQ(token->windows[0].calls, row.token_calls) << row.name;
    EXPECT_EQ(token->windows[0].window, row.window) << row.name;
    EXPECT_EQ(oauth->windows[0].calls, row.oauth_calls) << row.name;
    EXPECT_EQ(oauth->windows[0].window, Duration(seconds(2))) << row.name;
    EXPECT_EQ(token->windows[1].name, "search");
    EXPECT_EQ(token->windows[1].calls, 10);
    EXPECT_EQ(token->daily_tokens, row.daily_tokens_of_three_seats) << row.name;
  }
}

TEST(PlanTest, BrevoTables) {
  const auto general = FindPlan(Api::kBrevo, "General", Credential::kApiToken, 1);
  ASSERT_TRUE(general.has_value());
  ASSERT_EQ(general->windows.size(), 5u);
  EXPECT_EQ(general->windows[0].calls, 10);
  EXPECT_EQ(general->windows[1].calls, 36'000);
  EXPECT_EQ(general->windows[1].window, Duration(hours(1)));
  EXPECT_EQ(general->windows[4].calls, 100);
  const auto extended = FindPlan(Api::kBrevo, "extended", Credential::kApiToken, 1);
  ASSERT_EQ(extended->windows.size(), 3u) << "no limit per hour on contacts and events";
  EXPECT_EQ(extended->windows[0].calls, 60);
  EXPECT_EQ(extended->windows[2].calls, 600);
  EXPECT_EQ(extended->daily_tokens, 0);
}

TEST(PlanTest, NamesAreFoundWhateverTheirCaseAndNoOthers) {
  EXPECT_TRUE(FindPlan(Api::kPipedrive, " Lite ", Credential::kApiToken, 1).has_value());
  EXPECT_FALSE(FindPlan(Api::kPipedrive, "", Credential::kApiToken, 1).has_value());
  EXPECT_FALSE(FindPlan(Api::kPipedrive, "general", Credential::kApiToken, 1).has_value());
  for (const Api api : {Api::kPipedrive, Api::kBrevo}) {
    for (const std::string_view name : PlanNames(api)) {
      EXPECT_TRUE(FindPlan(api, name, Credential::kOAuth, 0).has_value()) << name;
    }
  }
}

TEST(PlanTest, ALearntPlanHasTodaysName) {
  const auto plan = PlanAllowing(Api::kPipedrive, Credential::kApiToken, 1, "burst", 40);
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->name, "growth");
  EXPECT_FALSE(PlanAllowing(Api::kPipedrive, Credential::kApiToken, 1, "burst", 41).has_value());
  EXPECT_EQ(PlanAllowing(Api::kPipedrive, Credential::kApiToken, 1, "burst", 80)->name,
            "professional")
      << "not classic_essential";
  EXPECT_EQ(PlanAllowing(Api::kBrevo, Credential::kApiToken, 1, "other_hour", 200)->name,
            "advanced");
}

}  // namespace
}  // namespace connector::quota
