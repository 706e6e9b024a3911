#include "config/reconcile_interval.h"

#include <gtest/gtest.h>

namespace connector::config {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

Connection With(std::string plan, int seats, SyncSwitches sync) {
  Connection connection;
  connection.pipedrive.plan = std::move(plan);
  connection.pipedrive.seats = seats;
  connection.sync = sync;
  return connection;
}

constexpr SyncSwitches kAll{
    .persons = true, .deals = true, .organizations = true, .activities = true, .leads = true};
constexpr SyncSwitches kPersons{
    .persons = true, .deals = false, .organizations = false, .activities = false, .leads = false};

TEST(ReconcileInterval, TakesAFifthOfTheDaysTokens) {
  // 130 tokens a round, 6,000 a day.
  EXPECT_EQ(std::chrono::floor<seconds>(ReconcileInterval(With("lite", 1, kAll))), seconds(1872));
  EXPECT_EQ(ReconcileInterval(With("lite", 2, kAll)) * 2, ReconcileInterval(With("lite", 1, kAll)));
  EXPECT_EQ(ReconcileInterval(With("growth", 1, kAll)), ReconcileInterval(With("lite", 2, kAll)));
}

TEST(ReconcileInterval, KnowsItsBounds) {
  EXPECT_EQ(ReconcileInterval(With("ultimate", 100, kAll)), minutes(5));
  EXPECT_EQ(ReconcileInterval(With("lite", 1, kPersons)), minutes(5));
  EXPECT_EQ(ReconcileInterval(With("classic_power", 1, kAll)), minutes(15)) << "no token day";
}

TEST(ReconcileInterval, OfAnUnknownPlanTheSmallestIsAssumed) {
  EXPECT_EQ(ReconcileInterval(With("", 1, kAll)), ReconcileInterval(With("lite", 1, kAll)));
}

}  // namespace
}  // namespace connector::config
