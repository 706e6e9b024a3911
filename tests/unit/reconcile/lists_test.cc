#include "reconcile/lists.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace connector::reconcile {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(DecideLists, JoinsWhatThereIsAReasonFor) {
  ContactState state;
  state.lists = {61};
  const auto decision = DecideLists(
      state, {{62, "customers"}, {60, "all_contacts"}, {61, "deal 4"}, {60, "deal 5 in stage 1"}});
  EXPECT_THAT(decision.join, ElementsAre(60, 62));
  EXPECT_THAT(decision.leave, IsEmpty());
  EXPECT_THAT(decision.respected, IsEmpty());
}

TEST(DecideLists, LeavesOnlyWhatItPut) {
  ContactState state;
  state.lists = {5, 60, 61};
  state.lists_put = {60, 61};
  const auto decision = DecideLists(state, {{60, "all_contacts"}});
  EXPECT_THAT(decision.join, IsEmpty());
  EXPECT_THAT(decision.leave, ElementsAre(61));
}

TEST(DecideLists, RespectsALeave) {
  ContactState state;
  state.lists_left = {60};
  const auto decision = DecideLists(state, {{60, "all_contacts"}, {61, "deal 4"}});
  EXPECT_THAT(decision.join, ElementsAre(61));
  EXPECT_THAT(decision.respected, ElementsAre(60));
}

TEST(DecideLists, OneThatCameBackByItselfIsSimplyThere) {
  ContactState state;
  state.lists = {60};
  state.lists_left = {60};
  const auto wanted = DecideLists(state, {{60, "all_contacts"}});
  EXPECT_THAT(wanted.join, IsEmpty());
  EXPECT_THAT(wanted.respected, IsEmpty());
  EXPECT_THAT(DecideLists(state, {}).leave, IsEmpty());
}

}  // namespace
}  // namespace connector::reconcile
