#include "quota/budget.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "quota/memory_ledger.h"

namespace connector::quota {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const Time kStart{hours(24 * 365 * 50)};

Operation ListPersons() { return {"persons.list", Api::kPipedrive, Family::kPipedriveGeneral, 10}; }
Operation Search() { return {"search", Api::kPipedrive, Family::kPipedriveSearch, 20}; }
Operation ReadContact() { return {"contacts.get", Api::kBrevo, Family::kBrevoContacts}; }
Operation ReadCompany() { return {"companies.get", Api::kBrevo, Family::kBrevoOther}; }

Budget::Decision Ask(Budget& budget, const Operation& operation, Priority priority, Time now) {
  Budget::Place place(budget, priority);
  return budget.Admit(operation, place, now);
}

// Makes one call that is answered at once; false if the budget had no room.
bool CallOnce(Budget& budget, const Operation& operation, Time now, int status = 200,
              const QuotaHeaders& headers = {}) {
  auto decision = Ask(budget, operation, Priority::kInteractive, now);
  if (!decision.granted) return false;
  budget.OnResponse(std::move(decision.permit), status, headers, now);
  return true;
}

int CallsPossible(Budget& budget, const Operation& operation, Time now) {
  int calls = 0;
  while (CallOnce(budget, operation, now)) ++calls;
  return calls;
}

const LimitSnapshot& Limit(const BudgetSnapshot& snapshot, std::string_view name) {
  for (const LimitSnapshot& limit : snapshot.limits) {
    if (limit.name == name) return limit;
  }
  ADD_FAILURE() << "no limit " << name;
  return snapshot.limits.front();
}

QuotaHeaders LimitHeaders(int64_t limit, int64_t remaining, Duration reset = seconds(2)) {
  QuotaHeaders headers;
  headers.limit = limit;
  headers.remaining = remaining;
  headers.reset = reset;
  return headers;
}

TEST(BudgetTest, HoldsAllLimitsAtOnce) {
  Budget budget({.plan = "growth", .seats = 1});
  EXPECT_EQ(CallsPossible(budget, Search(), kStart), 10);
  EXPECT_EQ(Ask(budget, Search(), Priority::kInteractive, kStart).limit, "search");
  EXPECT_EQ(CallsPossible(budget, ListPersons(), kStart), 30) << "searches count here, too";
  EXPECT_EQ(Ask(budget, ListPersons(), Priority::kInteractive, kStart).limit, "burst");
}

// A search whose window has room again needs a slot of the general one, too, which a backfill that
// happens to look earlier must leave to it; but not for long, should the search not come.
TEST(BudgetTest, WhatASearchIsAboutToNeedIsKeptForIt) {
  for (const bool search_comes : {true, false}) {
    Budget budget({.plan = "lite"});
    EXPECT_EQ(CallsPossible(budget, Search(), kStart), 10);
    const Time asked = kStart + milliseconds(1500);
    Budget::Place search(budget, Priority::kInteractive);
    const auto refused = budget.Admit(Search(), search, asked);
    EXPECT_EQ(refused.limit, "search");
    // Others leave one slot of the general window at the moment at which the search's is free.
    std::vector<Budget::Permit> in_flight;
    const Time now = asked + refused.wait;
    for (int i = 0; i < 19; ++i) {
      auto decision = Ask(budget, ListPersons(), Priority::kInteractive, i < 10 ? asked : now);
      ASSERT_TRUE(decision.granted);
      in_flight.push_back(std::move(decision.permit));
    }
    Budget::Place backfill(budget, Priority::kBackfill);
    EXPECT_FALSE(budget.Admit(ListPersons(), backfill, now).granted);
    if (search_comes) {
      EXPECT_TRUE(budget.Admit(Search(), search, now + milliseconds(49)).granted);
    } else {
      EXPECT_FALSE(budget.Admit(ListPersons(), backfill, now + milliseconds(49)).granted);
      EXPECT_TRUE(budget.Admit(ListPersons(), backfill, now + milliseconds(50)).granted);
    }
    for (auto& permit : in_flight) budget.OnNotSent(std::move(permit), now);
  }
}

TEST(BudgetTest, BrevosFamiliesHaveTheirOwnBuckets) {
  Budget budget({.api = Api::kBrevo, .plan = "general"});
  EXPECT_EQ(CallsPossible(budget, ReadContact(), kStart), 10);
  EXPECT_EQ(CallsPossible(budget, ReadCompany(), kStart), 100);
  EXPECT_EQ(CallsPossible(budget, ReadContact(), kStart + seconds(1)), 10);
  EXPECT_EQ(CallsPossible(budget, ReadCompany(), kStart + minutes(59)), 0);
}

TEST(BudgetTest, TheDayBindsWhenPlanAndSeatsAreConfigured) {
  Budget budget({.plan = "lite", .seats = 1});
  Operation dear = ListPersons();
  dear.tokens = 15'000;
  EXPECT_EQ(CallsPossible(budget, dear, kStart), 2);
  EXPECT_EQ(Ask(budget, dear, Priority::kInteractive, kStart).limit, "daily_tokens");
  Budget unknown_seats({.plan = "lite"});
  EXPECT_EQ(CallsPossible(unknown_seats, dear, kStart), 20);
}

TEST(BudgetTest, StartsSmallAndLearnsThePlan) {
  Budget budget({});
  EXPECT_EQ(budget.Snapshot(kStart).plan, "lite");
  EXPECT_TRUE(CallOnce(budget, ListPersons(), kStart, 200, LimitHeaders(120, 119)));
  EXPECT_EQ(budget.Snapshot(kStart).plan, "ultimate");
  EXPECT_EQ(Limit(budget.Snapshot(kStart), "burst").limit, 120);
  EXPECT_EQ(Limit(budget.Snapshot(kStart), "daily_tokens").limit, 210'000);
}

TEST(BudgetTest, LearnsALimitThatNoPlanHas) {
  Budget budget({});
  EXPECT_TRUE(CallOnce(budget, ListPersons(), kStart, 200, LimitHeaders(33, 32)));
  EXPECT_EQ(Limit(budget.Snapshot(kStart), "burst").limit, 33);
}

TEST(BudgetTest, LearnsTheClassicWindowFromItsReset) {
  Budget budget({});
  EXPECT_TRUE(CallOnce(budget, ListPersons(), kStart, 200, LimitHeaders(80, 79, seconds(9))));
  EXPECT_EQ(CallsPossible(budget, ListPersons(), kStart + seconds(1)), 79);
  EXPECT_EQ(CallsPossible(budget, ListPersons(), kStart + milliseconds(9999)), 0);
  EXPECT_EQ(CallsPossible(budget, ListPersons(), kStart + seconds(11)), 80);
}

TEST(BudgetTest, BrevosHeadersAreMatchedToTheWindowOfTheirSize) {
  Budget budget({.api = Api::kBrevo});
  EXPECT_TRUE(CallOnce(budget, ReadContact(), kStart, 200, LimitHeaders(20, 19, seconds(1))));
  EXPECT_EQ(budget.Snapshot(kStart).plan, "advanced");
  EXPECT_EQ(Limit(budget.Snapshot(kStart), "contacts_hour").limit, 72'000);
  EXPECT_TRUE(CallOnce(budget, ReadContact(), kStart, 200, LimitHeaders(72'000, 70'000)));
  EXPECT_LE(Limit(budget.Snapshot(kStart), "contacts_hour").remaining, 70'000);
  EXPECT_GE(Limit(budget.Snapshot(kStart), "contacts_second").remaining, 15);
}

TEST(BudgetTest, AbsurdHeadersChangeNothing) {
  Budget budget({.plan = "lite", .seats = 1});
  for (const int64_t limit : {int64_t{0}, int64_t{1} << 60}) {
    EXPECT_TRUE(CallOnce(budget, ListPersons(), kStart, 200, LimitHeaders(limit, limit)));
  }
  EXPECT_EQ(Limit(budget.Snapshot(kStart), "burst").limit, 20);
}

TEST(BudgetTest, ABurst429BlocksItsWindowOnly) {
  Budget budget({.plan = "growth", .seats = 1});
  auto decision = Ask(budget, Search(), Priority::kInteractive, kStart);
  const auto verdict =
      budget.OnResponse(std::move(decision.permit), 429, LimitHeaders(10, 0, seconds(1)), kStart);
  EXPECT_EQ(verdict.throttle, Throttle::kBurst);
  EXPECT_EQ(verdict.wait, Duration(seconds(1)));
  EXPECT_FALSE(CallOnce(budget, Search(), kStart + milliseconds(900)));
  EXPECT_TRUE(CallOnce(budget, ListPersons(), kStart + milliseconds(900)));
  EXPECT_TRUE(CallOnce(budget, Search(), kStart + seconds(2))) << "ten of others were seen";
  EXPECT_FALSE(CallOnce(budget, Search(), kStart + seconds(2)));
}

TEST(BudgetTest, AHourly429IsToldApart) {
  Budget budget({.api = Api::kBrevo, .plan = "general"});
  auto decision = Ask(budget, ReadCompany(), Priority::kInteractive, kStart);
  const auto verdict =
      budget.OnResponse(std::move(decision.permit), 429, LimitHeaders(100, 0, minutes(20)), kStart);
  EXPECT_EQ(verdict.throttle, Throttle::kHourly);
  EXPECT_EQ(verdict.wait, Duration(minutes(20)));
  EXPECT_FALSE(CallOnce(budget, ReadCompany(), kStart + minutes(19)));
  EXPECT_TRUE(CallOnce(budget, ReadContact(), kStart + minutes(19)));
  EXPECT_TRUE(CallOnce(budget, ReadCompany(), kStart + minutes(20)));
}

TEST(BudgetTest, RetryAfterIsNotUndercutAndAbsurdOnesAreCapped) {
  Budget budget({.plan = "lite", .seats = 1});
  QuotaHeaders headers = LimitHeaders(20, 0, seconds(1));
  headers.retry_after = seconds(30);
  EXPECT_TRUE(CallOnce(budget, ListPersons(), kStart, 429, headers));
  EXPECT_EQ(Ask(budget, ListPersons(), Priority::kWebhook, kStart).wait, Duration(seconds(30)));
  headers.retry_after = hours(100'000);
  EXPECT_TRUE(CallOnce(budget, ListPersons(), kStart + seconds(30), 429, headers));
  EXPECT_LE(Ask(budget, ListPersons(), Priority::kWebhook, kStart + seconds(30)).wait, hours(24));
}

TEST(BudgetTest, TheDaysEndStopsTheAccountAndIsProbedByTheHour) {
  Budget budget({.plan = "lite", .seats = 1});
  QuotaHeaders spent;
  spent.day_remaining = 0;
  EXPECT_TRUE(CallOnce(budget, ListPersons(), kStart, 429, spent));
  const auto refusal = Ask(budget, ListPersons(), Priority::kInteractive, kStart);
  EXPECT_EQ(refusal.pause, Throttle::kDaily);
  EXPECT_EQ(refusal.wait, Duration(hours(1)));
  EXPECT_EQ(budget.Snapshot(kStart).pause, Throttle::kDaily);

  // After an hour one call goes out to see; the others wait for what it finds.
  Time now = kStart + hours(1);
  auto probe = Ask(budget, ListPersons(), Priority::kBackfill, now);
  ASSERT_TRUE(probe.granted);
  EXPECT_FALSE(Ask(budget, ListPersons(), Priority::kInteractive, now).granted);
  budget.OnResponse(std::move(probe.permit), 429, spent, now);
  EXPECT_EQ(Ask(budget, ListPersons(), Priority::kInteractive, now).wait, Duration(hours(1)));

  now += hours(1);
  QuotaHeaders fresh;
  fresh.day_remaining = 30'000;
  EXPECT_TRUE(CallOnce(budget, ListPersons(), now, 200, fresh));
  EXPECT_EQ(budget.Snapshot(now).pause, Throttle::kNone);
  EXPECT_TRUE(CallOnce(budget, ListPersons(), now));
}

TEST(BudgetTest, TheDayEndsAtTheLatestAtMidnight) {
  Budget budget({.plan = "lite", .seats = 1});
  QuotaHeaders spent;
  spent.day_remaining = 0;
  EXPECT_TRUE(CallOnce(budget, ListPersons(), kStart + hours(24) - minutes(10), 429, spent));
  EXPECT_TRUE(CallOnce(budget, ListPersons(), kStart + hours(24)));
}

TEST(BudgetTest, ABlockDoublesUpToAnHourAndCallsAlreadyOutDoNotDoubleIt) {
  Budget budget({.plan = "lite", .seats = 1});
  QuotaHeaders page;
  page.json = false;
  auto first = Ask(budget, ListPersons(), Priority::kWebhook, kStart);
  auto second = Ask(budget, ListPersons(), Priority::kWebhook, kStart);
  Time now = kStart + milliseconds(100);
  EXPECT_EQ(budget.OnResponse(std::move(first.permit), 403, page, now).throttle,
            Throttle::kBlocked);
  budget.OnResponse(std::move(second.permit), 403, page, now + milliseconds(50));
  EXPECT_EQ(budget.Snapshot(now).paused_until, now + minutes(10));
  for (const int pause_minutes : {20, 40, 60, 60}) {
    now = budget.Snapshot(now).paused_until;
    EXPECT_TRUE(CallOnce(budget, ListPersons(), now, 403, page));
    EXPECT_EQ(budget.Snapshot(now).paused_until, now + minutes(pause_minutes));
  }
}

TEST(BudgetTest, AProbeWithoutAnAnswerIsRepeatedAMinuteLater) {
  Budget budget({.plan = "lite", .seats = 1});
  QuotaHeaders page;
  page.json = false;
  EXPECT_TRUE(CallOnce(budget, ListPersons(), kStart, 403, page));
  const Time now = kStart + minutes(10);
  auto probe = Ask(budget, ListPersons(), Priority::kWebhook, now);
  ASSERT_TRUE(probe.granted);
  budget.OnNoResponse(std::move(probe.permit), now);
  EXPECT_EQ(Ask(budget, ListPersons(), Priority::kWebhook, now).wait, Duration(minutes(1)));
  EXPECT_TRUE(CallOnce(budget, ListPersons(), now + minutes(1)));
}

TEST(BudgetTest, HigherPrioritiesAreServedFirstAndEqualOnesInOrder) {
  Budget budget({.plan = "lite", .seats = 1});
  EXPECT_EQ(CallsPossible(budget, ListPersons(), kStart), 20);
  Budget::Place backfill(budget, Priority::kBackfill);
  Budget::Place first(budget, Priority::kWebhook);
  Budget::Place second(budget, Priority::kWebhook);
  Budget::Place interactive(budget, Priority::kInteractive);
  for (Budget::Place* place : {&backfill, &first, &second, &interactive}) {
    EXPECT_FALSE(budget.Admit(ListPersons(), *place, kStart).granted);
  }
  EXPECT_EQ(budget.Snapshot(kStart).waiting, (std::array<int, kPriorities>{1, 2, 0, 1}));

  // A vendor that now allows one call in the window only.
  Budget narrow({.plan = "lite", .seats = 1});
  auto one = Ask(narrow, ListPersons(), Priority::kWebhook, kStart);
  narrow.OnResponse(std::move(one.permit), 200, LimitHeaders(1, 0), kStart);
  Budget::Place low(narrow, Priority::kBackfill);
  Budget::Place early(narrow, Priority::kWebhook);
  Budget::Place late(narrow, Priority::kWebhook);
  for (Budget::Place* place : {&low, &early, &late}) {
    EXPECT_FALSE(narrow.Admit(ListPersons(), *place, kStart).granted);
  }
  const Time now = kStart + seconds(2);
  EXPECT_FALSE(narrow.Admit(ListPersons(), low, now).granted);
  EXPECT_FALSE(narrow.Admit(ListPersons(), late, now).granted);
  EXPECT_TRUE(narrow.Admit(ListPersons(), early, now).granted);
}

TEST(BudgetTest, WhoLeavesGivesUpItsTurn) {
  Budget budget({.plan = "lite", .seats = 1});
  EXPECT_EQ(CallsPossible(budget, ListPersons(), kStart), 20);
  auto interactive = std::make_unique<Budget::Place>(budget, Priority::kInteractive);
  EXPECT_FALSE(budget.Admit(ListPersons(), *interactive, kStart).granted);
  interactive.reset();
  EXPECT_EQ(budget.Snapshot(kStart).waiting, (std::array<int, kPriorities>{}));
}

TEST(BudgetTest, WhoWaitsForSearchesDoesNotHoldUpOthers) {
  Budget budget({.plan = "growth", .seats = 1});
  EXPECT_EQ(CallsPossible(budget, Search(), kStart), 10);
  std::vector<std::unique_ptr<Budget::Place>> searchers;
  for (int i = 0; i < 50; ++i) {
    searchers.push_back(std::make_unique<Budget::Place>(budget, Priority::kInteractive));
    EXPECT_FALSE(budget.Admit(Search(), *searchers.back(), kStart).granted);
  }
  EXPECT_TRUE(Ask(budget, ListPersons(), Priority::kBackfill, kStart).granted);
}

TEST(BudgetTest, APermitThatIsDroppedCountsAsSent) {
  Budget budget({.plan = "lite", .seats = 1});
  { auto decision = Ask(budget, ListPersons(), Priority::kWebhook, kStart); }
  EXPECT_EQ(Limit(budget.Snapshot(kStart), "burst").remaining, 19);
  EXPECT_EQ(Limit(budget.Snapshot(kStart + seconds(2)), "burst").remaining, 20);
  EXPECT_EQ(Limit(budget.Snapshot(kStart), "daily_tokens").remaining, 29'990);
}

TEST(BudgetTest, WhatNeverLeftCostsNothing) {
  Budget budget({.plan = "lite", .seats = 1});
  auto decision = Ask(budget, ListPersons(), Priority::kWebhook, kStart);
  budget.OnNotSent(std::move(decision.permit), kStart);
  const auto snapshot = budget.Snapshot(kStart);
  EXPECT_EQ(Limit(snapshot, "burst").remaining, 20);
  EXPECT_EQ(Limit(snapshot, "daily_tokens").remaining, 30'000);
  EXPECT_EQ(Limit(snapshot, "burst").headroom, 1.0);
}

TEST(BudgetTest, TheSnapshotSaysWhenTheDayIsSpent) {
  Budget budget({.plan = "lite", .seats = 1});
  Time now = kStart;
  for (int i = 0; i < 1200; ++i) {
    now += seconds(1);
    EXPECT_TRUE(CallOnce(budget, ListPersons(), now));
  }
  const auto day = Limit(budget.Snapshot(now), "daily_tokens");
  EXPECT_EQ(day.spent, 12'000);
  EXPECT_NEAR(day.seconds_to_exhaustion, 1800, 100);
  EXPECT_TRUE(day.estimate);
}

TEST(BudgetTest, ManyThreadsNeverExceedTheWindow) {
  Budget budget({.plan = "growth", .seats = 1});
  std::atomic<int> granted{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 200; ++j) granted += CallOnce(budget, ListPersons(), kStart) ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(granted, 40);
}

TEST(SharedBudgetTest, TwoMembersGetHalfEachAndOneWhoIsGoneGivesItsPartBack) {
  ManualClock clock(kStart);
  MemoryLedger ledger(clock);
  Budget one({.plan = "lite", .seats = 1});
  Budget two({.plan = "lite", .seats = 1});
  ASSERT_TRUE(one.ShareThrough(ledger, "main/pipedrive", "one", clock.Now()).ok());
  EXPECT_EQ(CallsPossible(one, ListPersons(), clock.Now()), 20);

  // A newcomer spends nothing until the other must have heard of it.
  ASSERT_TRUE(two.ShareThrough(ledger, "main/pipedrive", "two", clock.Now()).ok());
  EXPECT_EQ(CallsPossible(two, ListPersons(), clock.Now()), 0);
  for (int i = 0; i < 3; ++i) {
    clock.Advance(kLedgerInterval);
    ASSERT_TRUE(one.ShareThrough(ledger, "main/pipedrive", "one", clock.Now()).ok());
    ASSERT_TRUE(two.ShareThrough(ledger, "main/pipedrive", "two", clock.Now()).ok());
  }
  EXPECT_EQ(CallsPossible(one, ListPersons(), clock.Now()), 10);
  EXPECT_EQ(CallsPossible(two, ListPersons(), clock.Now()), 10);
  EXPECT_EQ(Limit(two.Snapshot(clock.Now()), "daily_tokens").remaining, 30'000 - 200 - 100)
      << "what the other had reported by then, and its own";

  for (int i = 0; i < 3; ++i) {
    clock.Advance(kLedgerInterval);
    ASSERT_TRUE(one.ShareThrough(ledger, "main/pipedrive", "one", clock.Now()).ok());
  }
  EXPECT_EQ(CallsPossible(one, ListPersons(), clock.Now()), 20);
  EXPECT_EQ(CallsPossible(two, ListPersons(), clock.Now()), 0) << "it has not reported for long";
}

class BrokenLedger : public Ledger {
 public:
  absl::StatusOr<Slice> Report(const SpendReport&) override {
    return absl::UnavailableError("no database");
  }
};

TEST(SharedBudgetTest, WithoutALedgerNothingIsSpentAndNothingIsForgotten) {
  ManualClock clock(kStart);
  MemoryLedger ledger(clock);
  BrokenLedger broken;
  Budget budget({.plan = "lite", .seats = 1});
  ASSERT_TRUE(budget.ShareThrough(ledger, "main", "one", clock.Now()).ok());
  EXPECT_TRUE(CallOnce(budget, ListPersons(), clock.Now()));
  EXPECT_FALSE(budget.ShareThrough(broken, "main", "one", clock.Now()).ok());
  EXPECT_TRUE(CallOnce(budget, ListPersons(), clock.Now())) << "its slice still holds";
  clock.Advance(kLedgerMemberLife);
  EXPECT_FALSE(CallOnce(budget, ListPersons(), clock.Now()));
  ASSERT_TRUE(budget.ShareThrough(ledger, "main", "one", clock.Now()).ok());
  EXPECT_TRUE(CallOnce(budget, ListPersons(), clock.Now()));
  const auto slice = ledger.Report({"main", "one", "2019-12-20", 0});
  ASSERT_TRUE(slice.ok());
  EXPECT_EQ(slice->tokens_spent, 20);
}

}  // namespace
}  // namespace connector::quota
