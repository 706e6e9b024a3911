#include "store/write_turns.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace connector::store {
namespace {

using Kind = WriteTurns::Kind;

// The order in which these get their turns that all wait while `first` has its own: p prompt, w
// patient.
std::string OrderAfter(Kind first, const std::string& waiting) {
  WriteTurns turns;
  std::string order;  // guarded by the turn
  std::vector<std::thread> threads;
  {
    const WriteTurns::Turn turn(turns, first);
    for (const char kind : waiting) {
      threads.emplace_back([&turns, &order, kind] {
        const WriteTurns::Turn own(turns, kind == 'p' ? Kind::kPrompt : Kind::kPatient);
        order += kind;
      });
    }
    while (turns.waiting() < static_cast<int>(waiting.size())) std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
  return order;
}

TEST(WriteTurns, APromptOneWaitsForOnePatientOneAtMost) {
  EXPECT_EQ(OrderAfter(Kind::kPatient, "wwwp"), "pwww");
  EXPECT_EQ(OrderAfter(Kind::kPrompt, "wwwp"), "wpww");
}

TEST(WriteTurns, NeitherKindKeepsTheOtherOut) {
  EXPECT_EQ(OrderAfter(Kind::kPrompt, "ppppw"), "wpppp");
  EXPECT_EQ(OrderAfter(Kind::kPrompt, "pppww"), "wpwpp");
  EXPECT_EQ(OrderAfter(Kind::kPatient, "pppww"), "pwpwp");
}

TEST(WriteTurns, OneKindAloneNeedsNoOther) {
  EXPECT_EQ(OrderAfter(Kind::kPrompt, "ppp"), "ppp");
  EXPECT_EQ(OrderAfter(Kind::kPatient, "www"), "www");
}

TEST(WriteTurns, OneAtATime) {
  constexpr int kTurns = 5'000;
  WriteTurns turns;
  int count = 0;  // guarded by the turn
  std::vector<std::thread> threads;
  for (const Kind kind : {Kind::kPrompt, Kind::kPatient, Kind::kPatient}) {
    threads.emplace_back([&turns, &count, kind] {
      for (int i = 0; i < kTurns; ++i) {
        const WriteTurns::Turn turn(turns, kind);
        ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count, 3 * kTurns);
}

}  // namespace
}  // namespace connector::store
