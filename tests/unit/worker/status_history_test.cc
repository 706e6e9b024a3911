#include "worker/status_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace connector::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;
using ::testing::SizeIs;

TEST(StatusHistory, SeriesThatComeAndGoStandOverTheSameMoments) {
  ManualClock clock;
  std::vector<StatusHistory::Sample> now = {{"a", 1}};
  StatusHistory history([&] { return now; }, clock);
  history.Take();
  clock.Advance(StatusHistory::kInterval);
  now = {{"b", 0.5}, {"a", 2}};
  history.Take();
  clock.Advance(StatusHistory::kInterval);
  now = {{"b", 0.25}};
  history.Take();
  const StatusHistory::Snapshot seen = history.Get();
  ASSERT_THAT(seen.times, SizeIs(3));
  EXPECT_EQ(seen.times[2] - seen.times[0], 2 * StatusHistory::kInterval);
  EXPECT_THAT(seen.series.at("a"), ElementsAre(Optional(1.0), Optional(2.0), std::nullopt));
  EXPECT_THAT(seen.series.at("b"), ElementsAre(std::nullopt, Optional(0.5), Optional(0.25)));
}

TEST(StatusHistory, KeepsAnHourAndNoMore) {
  ManualClock clock;
  double value = 0;
  StatusHistory history([&] { return std::vector<StatusHistory::Sample>{{"a", value++}}; }, clock);
  for (size_t i = 0; i < StatusHistory::kMostSamples + 7; ++i) {
    history.Take();
    clock.Advance(StatusHistory::kInterval);
  }
  const StatusHistory::Snapshot seen = history.Get();
  ASSERT_THAT(seen.times, SizeIs(StatusHistory::kMostSamples));
  EXPECT_EQ(seen.series.at("a").front(), 7.0);
  EXPECT_EQ(seen.times.back() - seen.times.front() + StatusHistory::kInterval,
            std::chrono::hours(1));
}

TEST(StatusHistory, SeriesAreBounded) {
  ManualClock clock;
  StatusHistory history(
      [&] {
        std::vector<StatusHistory::Sample> many;
        for (size_t i = 0; i < StatusHistory::kMostSeries + 5; ++i) {
          many.push_back({absl::StrCat("s", i), 1});
        }
        return many;
      },
      clock);
  history.Take();
  EXPECT_THAT(history.Get().series, SizeIs(StatusHistory::kMostSeries));
}

}  // namespace
}  // namespace connector::worker
