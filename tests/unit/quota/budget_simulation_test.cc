// The budget against a strict vendor in simulated time.

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "api_simulation.h"

namespace connector::quota {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

Operation ListPersons() { return {"persons.list", Api::kPipedrive, Family::kPipedriveGeneral, 10}; }
Operation Search() { return {"search", Api::kPipedrive, Family::kPipedriveSearch, 20}; }
Operation ReadContact() { return {"contacts.get", Api::kBrevo, Family::kBrevoContacts}; }
Operation SendEvent() { return {"events.create", Api::kBrevo, Family::kBrevoEvents}; }
Operation ReadCompanies() { return {"companies.list", Api::kBrevo, Family::kBrevoOther}; }

const WindowLimit& Window(const Plan& plan, std::string_view name) {
  for (const WindowLimit& window : plan.windows) {
    if (window.name == name) return window;
  }
  ADD_FAILURE() << "no window " << name;
  return plan.windows.front();
}

// What a window allows in `time` when every slot is also held for a round trip.
double Allowed(const WindowLimit& window, Duration time, Duration round_trip) {
  return static_cast<double>(window.calls) * static_cast<double>(time.count()) /
         static_cast<double>((window.window + round_trip).count());
}

class PipedrivePlans
    : public ::testing::TestWithParam<std::tuple<std::string_view, Credential, bool>> {};

TEST_P(PipedrivePlans, AnHourOfMixedLoadUsesTheWindowAndNeverExceedsIt) {
  const auto [name, credential, plan_known] = GetParam();
  const Plan plan = *FindPlan(Api::kPipedrive, name, credential, 1);
  Budget budget({.credential = credential, .plan = plan_known ? std::string(name) : ""});
  Vendor vendor(plan);
  const Duration round_trip = milliseconds(150);
  Simulation simulation(budget, vendor, round_trip);
  // More than can be in flight at once, so that demand never lacks.
  const int workers = static_cast<int>(Window(plan, "burst").calls / 4) + 5;
  simulation.Add({Priority::kBackfill, ListPersons(), workers});
  simulation.Add({Priority::kIncremental, ListPersons(), 4, seconds(1)});
  simulation.Add({Priority::kWebhook, ListPersons(), 2, seconds(1)});
  simulation.Add({Priority::kInteractive, Search(), 2, milliseconds(700)});
  simulation.RunFor(hours(1));

  EXPECT_EQ(vendor.refusals, 0);
  int64_t served = 0;
  for (const auto& [priority, tally] : simulation.tallies) served += tally.served;
  EXPECT_GE(static_cast<double>(served),
            0.98 * Allowed(Window(plan, "burst"), hours(1), round_trip));
}

INSTANTIATE_TEST_SUITE_P(
    All, PipedrivePlans,
    ::testing::Combine(::testing::Values("lite", "growth", "premium", "ultimate", "professional",
                                         "classic_essential", "classic_advanced",
                                         "classic_professional", "classic_enterprise"),
                       ::testing::Values(Credential::kApiToken, Credential::kOAuth),
                       ::testing::Values(true)),
    [](const auto& test) {
      return std::string(std::get<0>(test.param)) +
             (std::get<1>(test.param) == Credential::kOAuth ? "_oauth" : "_token");
    });

INSTANTIATE_TEST_SUITE_P(
    Learnt, PipedrivePlans,
    ::testing::Combine(::testing::Values("lite", "growth", "premium", "ultimate", "professional"),
                       ::testing::Values(Credential::kApiToken), ::testing::Values(false)),
    [](const auto& test) { return std::string(std::get<0>(test.param)); });

class BrevoPlans : public ::testing::TestWithParam<std::string_view> {};

TEST_P(BrevoPlans, TwoHoursUseEveryBucketAndNeverExceedIt) {
  const Plan plan = *FindPlan(Api::kBrevo, GetParam(), Credential::kApiToken, 1);
  Budget budget({.api = Api::kBrevo, .plan = std::string(GetParam())});
  Vendor vendor(plan);
  const Duration round_trip = milliseconds(100);
  Simulation simulation(budget, vendor, round_trip);
  const int workers = static_cast<int>(Window(plan, "contacts_second").calls / 2);
  simulation.Add({Priority::kBackfill, ReadContact(), workers});
  simulation.Add({Priority::kWebhook, ReadContact(), 1, seconds(1)});
  simulation.Add({Priority::kWebhook, SendEvent(), workers});
  simulation.Add({Priority::kIncremental, ReadCompanies(), 2});
  simulation.RunFor(hours(2));

  EXPECT_EQ(vendor.refusals, 0);
  int64_t served = 0;
  for (const auto& [priority, tally] : simulation.tallies) served += tally.served;
  const double allowed = Allowed(Window(plan, "contacts_second"), hours(2), round_trip) +
                         Allowed(Window(plan, "events_second"), hours(2), round_trip);
  EXPECT_GE(static_cast<double>(served), 0.98 * allowed);
  EXPECT_GE(simulation.tallies[Priority::kIncremental].served,
            static_cast<int64_t>(0.98 * 2 * static_cast<double>(Window(plan, "other_hour").calls)));
}

INSTANTIATE_TEST_SUITE_P(All, BrevoPlans, ::testing::Values("general", "advanced", "extended"),
                         [](const auto& test) { return std::string(test.param); });

TEST(BudgetSimulationTest, ABackfillAloneUsesTheReserveToo) {
  const Plan plan = *FindPlan(Api::kPipedrive, "lite", Credential::kApiToken, 1);
  Budget budget({.plan = "lite"});
  Vendor vendor(plan);
  Simulation simulation(budget, vendor, milliseconds(100));
  simulation.Add({Priority::kBackfill, ListPersons(), 30});
  simulation.RunFor(minutes(10));
  EXPECT_EQ(vendor.refusals, 0);
  EXPECT_GE(static_cast<double>(simulation.tallies[Priority::kBackfill].served),
            0.98 * Allowed(Window(plan, "burst"), minutes(10), milliseconds(100)));
}

TEST(BudgetSimulationTest, AReserveThatIsNotLentStaysFree) {
  const Plan plan = *FindPlan(Api::kPipedrive, "lite", Credential::kApiToken, 1);
  Budget budget({.plan = "lite", .reserve = {.share = 0.2, .lend = false}});
  Vendor vendor(plan);
  Simulation simulation(budget, vendor, milliseconds(100));
  simulation.Add({Priority::kBackfill, ListPersons(), 30});
  simulation.Add({Priority::kInteractive, ListPersons(), 1, seconds(3)});
  simulation.RunFor(minutes(10));
  EXPECT_EQ(simulation.tallies[Priority::kInteractive].WaitQuantile(1.0), Duration::zero());
  EXPECT_LE(static_cast<double>(simulation.tallies[Priority::kBackfill].served),
            16 * 600 / 2.1 * 1.01);
}

TEST(BudgetSimulationTest, ABackfillNeverStarvesRealTimeWork) {
  for (const std::string_view name : {"lite", "growth", "premium", "ultimate"}) {
    const Plan plan = *FindPlan(Api::kPipedrive, name, Credential::kApiToken, 1);
    Budget budget({.plan = std::string(name)});
    Vendor vendor(plan);
    Simulation simulation(budget, vendor, milliseconds(200));
    simulation.Add({Priority::kBackfill, ListPersons(), 60});
    simulation.Add({Priority::kWebhook, ListPersons(), 1, milliseconds(1300)});
    simulation.Add({Priority::kInteractive, Search(), 1, milliseconds(1700)});
    simulation.RunFor(minutes(30));
    // A slot on loan comes free every window / reserve, half a second or less.
    EXPECT_LE(simulation.tallies[Priority::kInteractive].WaitQuantile(0.99), milliseconds(750))
        << name;
    EXPECT_LE(simulation.tallies[Priority::kWebhook].WaitQuantile(0.99), milliseconds(1000))
        << name;
    EXPECT_EQ(vendor.refusals, 0) << name;
  }
}

// On lite both windows bind: a backfill wants every slot that the searches, which need one of each,
// don't get at once.
TEST(BudgetSimulationTest, SearchesThatFillTheirWindowWaitTwoAndAHalfSecondsAtMost) {
  for (const std::string_view name : {"lite", "growth"}) {
    for (const Duration lateness : {milliseconds(0), milliseconds(5), milliseconds(20)}) {
      const Plan plan = *FindPlan(Api::kPipedrive, name, Credential::kApiToken, 1);
      Budget budget({.plan = std::string(name)});
      Vendor vendor(plan);
      Simulation simulation(budget, vendor, milliseconds(100));
      simulation.MakeRough(lateness);
      simulation.Add({Priority::kBackfill, ListPersons(), 60});
      simulation.Add({Priority::kInteractive, Search(), 10});
      simulation.RunFor(minutes(30));
      EXPECT_EQ(vendor.refusals, 0);
      auto& searches = simulation.tallies[Priority::kInteractive];
      EXPECT_LE(searches.WaitQuantile(0.99), milliseconds(2500))
          << name << ", " << lateness.count();
      EXPECT_GE(static_cast<double>(searches.served), 0.95 * 10 / 2.13 * 1800)
          << name << ", " << lateness.count();
    }
  }
}

TEST(BudgetSimulationTest, NobodyStarvesUnderAFloodOfHigherWork) {
  const Plan plan = *FindPlan(Api::kPipedrive, "lite", Credential::kApiToken, 1);
  Budget budget({.plan = "lite"});
  Vendor vendor(plan);
  Simulation simulation(budget, vendor, milliseconds(100));
  simulation.Add({Priority::kWebhook, ListPersons(), 60});
  simulation.Add({Priority::kIncremental, ListPersons(), 2});
  simulation.Add({Priority::kBackfill, ListPersons(), 2});
  simulation.RunFor(minutes(10));
  const double all = 20 / 2.1 * 600;
  EXPECT_GE(static_cast<double>(simulation.tallies[Priority::kBackfill].served), 0.03 * all);
  EXPECT_GE(static_cast<double>(simulation.tallies[Priority::kIncremental].served), 0.03 * all);
  EXPECT_GE(static_cast<double>(simulation.tallies[Priority::kWebhook].served), 0.85 * all);
}

TEST(BudgetSimulationTest, TwoOutsideConsumersCostAtMostOneRefusalPerChange) {
  for (const std::string_view name : {"lite", "growth", "premium", "ultimate"}) {
    const Plan plan = *FindPlan(Api::kPipedrive, name, Credential::kApiToken, 1);
    const int64_t calls = Window(plan, "burst").calls;
    Budget budget({.plan = std::string(name)});
    Vendor vendor(plan);
    Simulation simulation(budget, vendor, milliseconds(100));
    simulation.Add({Priority::kBackfill, ListPersons(), static_cast<int>(calls / 4) + 5});
    const Time start = simulation.now();
    // Four changes: the first comes, the second comes, the first goes, the second goes.
    simulation.AddOutsider(calls * 3 / 20, seconds(2), start + minutes(5), start + minutes(25));
    simulation.AddOutsider(calls / 4, seconds(2), start + minutes(15), start + minutes(35));
    simulation.RunFor(minutes(45));
    int64_t refused = 0;
    for (const auto& [priority, tally] : simulation.tallies) refused += tally.refused;
    EXPECT_LE(refused, 4) << name;
    int64_t served = simulation.outsiders_served;
    for (const auto& [priority, tally] : simulation.tallies) served += tally.served;
    EXPECT_GE(static_cast<double>(served),
              0.9 * Allowed(Window(plan, "burst"), minutes(45), milliseconds(100)))
        << name;
  }
}

}  // namespace
}  // namespace connector::quota
