#include "reconcile/lists.h"

#include <algorithm>
#include <string>

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

TEST(DecideLists, NobodyLeavesAListWhoseReasonsAreNotKnown) {
  ContactState state;
  state.lists = {60, 61, 62};
  state.lists_put = {60, 61, 62};
  const auto decision = DecideLists(state, {{60, "all_contacts"}}, {62, 63});
  EXPECT_THAT(decision.join, IsEmpty());
  EXPECT_THAT(decision.leave, ElementsAre(61));
}

Time At(int second) { return Time(std::chrono::seconds(second)); }

// "1o3" is deal 1, open in stage 3; "2w" is won, "2w@7" at second 7, "4l@9" lost, "5d3" deleted.
// Stages 1 to 4 belong to pipeline 1, the others to pipeline 2; "w6" and "l6" tell where a closed
// deal was.
DealFacts Facts(const std::vector<std::string>& deals) {
  DealFacts facts;
  for (const std::string& text : deals) {
    Deal deal;
    size_t at = 0;
    deal.id = std::stoi(text, &at);
    const char kind = text[at++];
    deal.status = kind == 'o'   ? DealStatus::kOpen
                  : kind == 'w' ? DealStatus::kWon
                  : kind == 'l' ? DealStatus::kLost
                                : DealStatus::kDeleted;
    int stage = 1;
    if (at < text.size() && text[at] != '@') stage = text[at++] - '0';
    deal.stage_id = stage;
    deal.pipeline_id = stage < 5 ? 1 : 2;
    const int second = at < text.size() ? std::stoi(text.substr(at + 1)) : 1;
    deal.won_time = deal.lost_time = At(second);
    AddDeal(facts, deal);
  }
  return facts;
}

std::vector<int64_t> Ids(const std::vector<ListReason>& reasons) {
  std::vector<int64_t> ids;
  for (const ListReason& reason : reasons) ids.push_back(reason.list_id);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

// Stages 1 and 2 lead to 11, 3 to 13, won to 20, lost to 21, customers to 30, churned to 31.
DealLists Simple() {
  DealLists lists;
  lists.stages = {{{}, 1, 11}, {{}, 2, 11}, {{}, 3, 13}};
  lists.won = {{{}, 0, 20}};
  lists.lost = {{{}, 0, 21}};
  lists.customers = 30;
  lists.churned = 31;
  return lists;
}

TEST(DealReasons, FollowTheDealsOfAContact) {
  struct Row {
    const char* what;
    std::vector<std::string> deals;
    std::vector<int64_t> lists;
  };
  const Row rows[] = {
      {"no deal", {}, {}},
      {"an open one", {"1o3"}, {13}},
      {"two in stages of one list", {"1o1", "2o2"}, {11}},
      {"two in different stages", {"1o1", "2o3"}, {11, 13}},
      {"in a stage nobody mapped", {"1o4"}, {}},
      {"won", {"1w"}, {20, 30}},
      {"lost", {"1l"}, {21}},
      {"won and one open", {"1w", "2o3"}, {13, 20, 30}},
      {"lost and one open", {"1l", "2o3"}, {13}},
      {"won, later lost", {"1w@5", "2l@9"}, {20, 21, 30, 31}},
      {"lost, later won", {"1l@5", "2w@9"}, {20, 30}},
      {"won, lost, won again", {"1w@1", "2l@5", "3w@9"}, {20, 30}},
      {"lost, won, lost", {"1l@1", "2w@5", "3l@9"}, {20, 21, 30, 31}},
      {"won, later lost, one reopened", {"1w@5", "2l@9", "3o2"}, {11, 20, 30}},
      {"won and lost in one second: the higher id is later", {"1w@5", "2l@5"}, {20, 21, 30, 31}},
      {"lost and won in one second", {"1l@5", "2w@5"}, {20, 30}},
      {"deleted", {"1d3"}, {}},
      {"won one deleted, a lost one left", {"1d", "2l@9"}, {21}},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Ids(DealReasons(Simple(), Facts(row.deals))), row.lists) << row.what;
  }
}

TEST(LeadReasons, AnOpenLeadOfAnyPersonIsOne) {
  LeadFacts open;
  AddLead(open, Lead{.id = "l1"});
  EXPECT_TRUE(LeadReasons(61, {}).empty());
  EXPECT_TRUE(LeadReasons(61, {LeadFacts{}}).empty());
  EXPECT_TRUE(LeadReasons(0, {open}).empty()) << "no list is configured";
  EXPECT_EQ(Ids(LeadReasons(61, {LeadFacts{}, open})), std::vector<int64_t>{61});
}

TEST(DealReasons, ARuleOfThePipelineGoesBeforeAGeneralOne) {
  DealLists lists;
  lists.stages = {{{}, 1, 11}, {1, 1, 12}, {2, 3, 13}};
  lists.won = {{2, 0, 22}, {{}, 0, 20}};
  lists.lost = {{2, 0, 23}};
  struct Row {
    const char* what;
    std::vector<std::string> deals;
    std::vector<int64_t> lists;
  };
  const Row rows[] = {
      {"qualified stage", {"1o1"}, {12}},
      {"a stage qualified with another pipeline", {"1o3"}, {}},
      {"won in pipeline 1", {"1w1"}, {20}},
      {"won in pipeline 2", {"1w6"}, {22}},
      {"won in both", {"1w1", "2w6"}, {20, 22}},
      {"lost in pipeline 1, which has no rule", {"1l1"}, {}},
      {"lost in pipeline 2", {"1l6"}, {23}},
      {"the one lost last decides", {"1l6@5", "2l1@9"}, {}},
      {"an open deal of any pipeline keeps it", {"1l6", "2o4"}, {}},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Ids(DealReasons(lists, Facts(row.deals))), row.lists) << row.what;
  }
}

TEST(DealReasons, SayWhy) {
  DealLists lists = Simple();
  lists.stages.push_back({1, 4, 14});
  const auto reasons = DealReasons(lists, Facts({"7o4", "9o4", "8w"}));
  ASSERT_EQ(reasons.size(), 3);
  EXPECT_EQ(reasons[0].name, "pipeline 1, stage 4");
  EXPECT_EQ(reasons[0].why, "deal 7 is in stage 4");
  EXPECT_EQ(reasons[1].name, "won");
  EXPECT_EQ(reasons[2].name, "customers");
  EXPECT_EQ(reasons[2].why, "deal 8 is won");
  const auto churned = DealReasons(Simple(), Facts({"1w@1", "2l@2"}));
  EXPECT_EQ(churned.back().name, "churned");
  EXPECT_EQ(churned.back().why, "no deal is open, and deal 2 was lost after a won one");
}

TEST(DealReasons, ListsWithoutIdGiveNone) {
  EXPECT_THAT(DealReasons(DealLists{}, Facts({"1o3", "2w", "3l@9"})), IsEmpty());
  EXPECT_THAT(AllLists(Simple()), ElementsAre(11, 13, 20, 21, 30, 31));
  EXPECT_THAT(AllLists(DealLists{}), IsEmpty());
}

}  // namespace
}  // namespace connector::reconcile
