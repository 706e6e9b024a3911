#include "model/deal_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "model/money.h"

namespace connector {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

Time At(int second) { return Time(std::chrono::seconds(second)); }

Deal MakeDeal(int64_t id, DealStatus status, int64_t stage = 1, int64_t pipeline = 1) {
  Deal deal;
  deal.id = id;
  deal.status = status;
  deal.stage_id = stage;
  deal.pipeline_id = pipeline;
  deal.currency = "EUR";
  return deal;
}

Deal Closed(int64_t id, DealStatus status, int second, double value = 0) {
  Deal deal = MakeDeal(id, status);
  (status == DealStatus::kWon ? deal.won_time : deal.lost_time) = At(second);
  deal.value = value;
  return deal;
}

DealFacts FactsOf(const std::vector<Deal>& deals) {
  DealFacts facts;
  for (const Deal& deal : deals) AddDeal(facts, deal);
  return facts;
}

TEST(DealFactsTest, CountsByStatusAndLeavesDeletedOut) {
  Deal archived = MakeDeal(5, DealStatus::kOpen);
  archived.is_archived = true;
  const DealFacts facts =
      FactsOf({MakeDeal(1, DealStatus::kOpen), Closed(2, DealStatus::kWon, 1),
               Closed(3, DealStatus::kLost, 2), MakeDeal(4, DealStatus::kDeleted), archived});
  EXPECT_EQ(facts.open, 2) << "archived deals count as what their status says";
  EXPECT_EQ(facts.won, 1);
  EXPECT_EQ(facts.lost, 1);
  EXPECT_EQ(facts.closed(), 2);
}

TEST(DealFactsTest, SumsWonValuesByCurrencyExactly) {
  Deal dollars = Closed(11, DealStatus::kWon, 1, 5);
  dollars.currency = "USD";
  std::vector<Deal> deals = {dollars, Closed(12, DealStatus::kLost, 1, 1000),
                             Closed(13, DealStatus::kWon, 1, 0)};
  for (int i = 0; i < 10; ++i) deals.push_back(Closed(i, DealStatus::kWon, 1, 0.1));
  EXPECT_THAT(FactsOf(deals).won_millionths,
              ElementsAre(Pair("EUR", 1 * kMillion), Pair("USD", 5 * kMillion)));
}

TEST(DealFactsTest, KeepsTheLowestDealOfEachOpenStage) {
  Deal nowhere = MakeDeal(1, DealStatus::kOpen);
  nowhere.stage_id.reset();
  const DealFacts facts =
      FactsOf({MakeDeal(9, DealStatus::kOpen, 2), MakeDeal(4, DealStatus::kOpen, 2),
               MakeDeal(7, DealStatus::kOpen, 1), MakeDeal(8, DealStatus::kOpen, 5, 2), nowhere});
  EXPECT_EQ(facts.open, 5);
  EXPECT_THAT(facts.open_stages, ElementsAre(DealFacts::Place{1, 1, 7}, DealFacts::Place{1, 2, 4},
                                             DealFacts::Place{2, 5, 8}));
}

TEST(DealFactsTest, TheLastClosedOneIsTheLatestThenTheHighest) {
  EXPECT_TRUE(
      FactsOf({Closed(1, DealStatus::kWon, 5), Closed(2, DealStatus::kLost, 3)}).last_closed->won);
  EXPECT_FALSE(
      FactsOf({Closed(1, DealStatus::kWon, 5), Closed(2, DealStatus::kLost, 5)}).last_closed->won);
  EXPECT_TRUE(
      FactsOf({Closed(2, DealStatus::kWon, 5), Closed(1, DealStatus::kLost, 5)}).last_closed->won);
}

TEST(DealFactsTest, ClosedAtFallsBackToWhatTheDealTells) {
  Deal deal = MakeDeal(1, DealStatus::kLost);
  EXPECT_EQ(ClosedAt(deal), Time{});
  deal.won_time = At(9);  // of an earlier life
  deal.add_time = At(1);
  EXPECT_EQ(ClosedAt(deal), At(1));
  deal.update_time = At(3);
  EXPECT_EQ(ClosedAt(deal), At(3));
  deal.close_time = At(2);
  EXPECT_EQ(ClosedAt(deal), At(2));
  deal.lost_time = At(5);
  EXPECT_EQ(ClosedAt(deal), At(5));
}

// Adding sets gives what adding their deals gives, in whatever order.
TEST(DealFactsTest, AddingFactsEqualsAddingDeals) {
  std::vector<Deal> deals;
  for (int i = 1; i <= 60; ++i) {
    Deal deal = MakeDeal((i * 37) % 61, static_cast<DealStatus>(i % 4), 1 + i % 5, 1 + i % 3);
    deal.value = i * 1.25;
    deal.currency = i % 2 == 0 ? "EUR" : "USD";
    deal.won_time = deal.lost_time = At((i * 13) % 20);
    deals.push_back(deal);
  }
  for (const size_t split : {size_t{0}, size_t{1}, size_t{30}, deals.size()}) {
    DealFacts left;
    DealFacts right;
    for (size_t i = 0; i < deals.size(); ++i) AddDeal(i < split ? left : right, deals[i]);
    AddFacts(right, left);
    EXPECT_EQ(right, FactsOf(deals)) << split;
  }
}

TEST(MoneyTest, MillionthsAreRoundedAndBound) {
  EXPECT_EQ(ToMillionths(12.34), 12'340'000);
  EXPECT_EQ(ToMillionths(-0.0000005), -1);
  EXPECT_EQ(ToMillionths(9e12), 9'000'000'000'000'000'000);
  EXPECT_EQ(ToMillionths(1e13), std::nullopt);
  EXPECT_EQ(ToMillionths(std::nan("")), std::nullopt);
  EXPECT_EQ(ToMillionths(std::numeric_limits<double>::infinity()), std::nullopt);
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(AddMillionths(kMax, 1), kMax);
  EXPECT_EQ(AddMillionths(-kMax, -2), std::numeric_limits<int64_t>::min());
}

TEST(MoneyTest, MinorUnitsFollowTheDecimals) {
  struct Row {
    int64_t millionths;
    int decimals;
    int64_t minor;
    double whole;
    const char* text;
  };
  for (const Row& row :
       {Row{12'345'000, 2, 1235, 12.35, "12.35"}, Row{-12'345'000, 2, -1235, -12.35, "-12.35"},
        Row{12'344'999, 2, 1234, 12.34, "12.34"}, Row{1'234'500'000, 0, 1235, 1235, "1235"},
        Row{1'500, 3, 2, 0.002, "0.002"}, Row{7, 6, 7, 0.000007, "0.000007"},
        Row{0, 2, 0, 0, "0.00"}}) {
    const int64_t minor = MinorUnits(row.millionths, row.decimals);
    EXPECT_EQ(minor, row.minor) << row.text;
    EXPECT_DOUBLE_EQ(WholeUnits(minor, row.decimals), row.whole);
    EXPECT_EQ(FormatMinorUnits(minor, row.decimals), row.text);
  }
}

}  // namespace
}  // namespace connector
