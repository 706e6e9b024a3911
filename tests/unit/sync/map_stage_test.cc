#include "sync/map_stage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sync_fixture.h"

namespace connector::sync {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kNewList = 11;
constexpr int64_t kOfferList = 12;
constexpr int64_t kWonList = 20;

class MapStageTest : public connector::testing::SyncFixture {
 protected:
  MapStageTest() {
    settings.deals = true;
    settings.deal_lists.stages = {{{}, 1, kNewList}, {1, 2, kOfferList}};
    settings.deal_lists.won = {{{}, 0, kWonList}};
    for (const int64_t list : {kNewList, kOfferList, kWonList}) {
      brevo.lists.push_back({list, absl::StrCat("List ", list)});
    }
    clock.Advance(std::chrono::hours(24 * 365));
    pipedrive.Put(1, "a@x.de");
    pipedrive.PutDeal(1, 1, DealStatus::kOpen, 1);
  }

  absl::StatusOr<StageAnswer> Ask(const StageQuestion& question) {
    const Accounts accounts = MakeAccounts();
    const auto planning = LoadPlanning(accounts, *store, {}, {}, Schema::kStored);
    EXPECT_TRUE(planning.ok()) << planning.status();
    StageContext context;
    context.brevo.deadline = clock.Now() + std::chrono::seconds(5);
    context.owner = "asker";
    return MapStage(accounts, *planning, question, context);
  }
  StageAnswer Map(int64_t deal, bool dry_run = false) {
    const auto answer = Ask(DealTarget{deal, dry_run});
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.value_or(StageAnswer{});
  }
  static std::vector<int64_t> Ids(const std::vector<reconcile::ListReason>& reasons) {
    std::vector<int64_t> ids;
    for (const reconcile::ListReason& reason : reasons) ids.push_back(reason.list_id);
    return ids;
  }
  std::vector<int64_t> Lists(std::string_view email) {
    const Contact* contact = brevo.Find(email);
    return contact != nullptr ? contact->list_ids : std::vector<int64_t>{};
  }
};

TEST_F(MapStageTest, ReadsTheDealAgainAndMovesItsContact) {
  RunAll();
  pipedrive.PutDeal(1, 1, DealStatus::kOpen, 2);
  ForgetCalls();
  const StageAnswer answer = Map(1);
  EXPECT_EQ(answer.person_id, 1);
  EXPECT_EQ(answer.email, "a@x.de");
  EXPECT_TRUE(answer.applied);
  ASSERT_THAT(Ids(answer.joined), ElementsAre(kOfferList));
  EXPECT_EQ(answer.joined[0].name, "pipeline 1, stage 2");
  EXPECT_EQ(answer.joined[0].why, "deal 1 is in stage 2");
  ASSERT_THAT(Ids(answer.left), ElementsAre(kNewList));
  EXPECT_EQ(answer.left[0].name, "stage 1");
  EXPECT_THAT(Ids(answer.kept), ElementsAre(kList));
  EXPECT_THAT(pipedrive.calls, ElementsAre("deal"));
  EXPECT_EQ(brevo.CountWrites(), 1);
  EXPECT_THAT(Lists("a@x.de"), ElementsAre(kList, kOfferList));
  EXPECT_EQ(*store->CountMarks(settings.connection, ""), 0);

  const StageAnswer again = Map(1);
  EXPECT_FALSE(again.applied);
  EXPECT_THAT(again.joined, IsEmpty());
  EXPECT_THAT(again.left, IsEmpty());
  EXPECT_THAT(Ids(again.kept), ElementsAre(kList, kOfferList));
  EXPECT_EQ(brevo.CountWrites(), 1) << "asked again it changes nothing";
}

TEST_F(MapStageTest, ADryRunSaysWhatItWouldDoAndDoesNothing) {
  RunAll();
  pipedrive.PutDeal(1, 1, DealStatus::kWon, 2);
  ForgetCalls();
  const StageAnswer answer = Map(1, /*dry_run=*/true);
  EXPECT_THAT(Ids(answer.joined), ElementsAre(kWonList));
  EXPECT_THAT(Ids(answer.left), ElementsAre(kNewList));
  EXPECT_FALSE(answer.applied);
  EXPECT_EQ(brevo.CountWrites(), 0);
  EXPECT_EQ((*store->FindDeal(settings.connection, 1))->status, DealStatus::kOpen);
  EXPECT_EQ(*store->CountMarks(settings.connection, ""), 0);
}

TEST_F(MapStageTest, ReadsAPersonThatNobodyHasBrought) {
  RunAll();
  pipedrive.Put(2, "b@x.de");
  pipedrive.PutDeal(2, 2, DealStatus::kOpen, 2);
  const StageAnswer answer = Map(2);
  EXPECT_TRUE(answer.applied);
  EXPECT_EQ(answer.email, "b@x.de");
  EXPECT_THAT(Lists("b@x.de"), ElementsAre(kList, kOfferList));
}

TEST_F(MapStageTest, ADealThatIsGoneIsNoReasonAnyMore) {
  RunAll();
  pipedrive.deals.erase(1);
  const StageAnswer answer = Map(1);
  EXPECT_THAT(Ids(answer.left), ElementsAre(kNewList));
  EXPECT_THAT(Lists("a@x.de"), ElementsAre(kList));
  EXPECT_EQ(Ask(DealTarget{99}).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(MapStageTest, TellsWhatIsWithheldAndWhatIsNotMapped) {
  RunAll();
  Contact& contact = *brevo.Find("a@x.de");
  std::erase(contact.list_ids, kNewList);
  contact.modified_at = clock.Now();
  RunAll(Full());
  const StageAnswer answer = Map(1);
  ASSERT_THAT(Ids(answer.withheld), ElementsAre(kNewList));
  EXPECT_THAT(answer.withheld[0].why, HasSubstr("by its own hand"));
  pipedrive.PutDeal(1, 1, DealStatus::kOpen, 5);
  EXPECT_THAT(Map(1).warnings, Contains("no list is mapped to stage 5 (Due)"));
  pipedrive.deals[1].person_id.reset();
  EXPECT_THAT(Map(1).warnings, Contains("deal 1 has no person"));
}

TEST_F(MapStageTest, SaysWhatAnImaginedDealWouldDo) {
  RunAll();
  ForgetCalls();
  const auto answer = Ask(ImaginedDeal{.person_id = 1, .stage_id = 2});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(Ids(answer->joined), ElementsAre(kOfferList)) << "the pipeline is the stage's own";
  EXPECT_THAT(Ids(answer->kept), ElementsAre(kList, kNewList)) << "beside the deals there are";
  EXPECT_THAT(answer->left, IsEmpty());
  const auto won = Ask(ImaginedDeal{.person_id = 1, .status = DealStatus::kWon});
  ASSERT_TRUE(won.ok());
  EXPECT_THAT(Ids(won->joined), ElementsAre(kWonList));
  const auto elsewhere = Ask(ImaginedDeal{.person_id = 1, .stage_id = 2, .pipeline_id = 2});
  EXPECT_THAT(Ids(elsewhere->joined), IsEmpty());
  EXPECT_THAT(elsewhere->warnings, Contains(HasSubstr("no list is mapped to stage 2")));
  const auto nobody = Ask(ImaginedDeal{.person_id = 77, .stage_id = 2});
  EXPECT_THAT(nobody->warnings, Contains(HasSubstr("person 77 is not known yet")));
  EXPECT_EQ(nobody->email, "");
  EXPECT_THAT(pipedrive.calls, IsEmpty());
  EXPECT_EQ(brevo.CountWrites(), 0);
}

TEST_F(MapStageTest, AContactThatOthersHoldIsLeftToThem) {
  RunAll();
  pipedrive.PutDeal(1, 1, DealStatus::kOpen, 2);
  ASSERT_TRUE(store->FoldDeals(settings.connection, {pipedrive.deals[1]}).ok());
  ASSERT_EQ(store
                ->LeaseContacts(settings.connection, {.limit = 1}, "other", clock.Now(),
                                std::chrono::hours(1))
                ->size(),
            1U);
  ForgetCalls();
  EXPECT_EQ(Ask(DealTarget{1}).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(brevo.CountWrites(), 0);
}

TEST_F(MapStageTest, AFailedWriteIsTriedAgainByOthers) {
  RunAll();
  pipedrive.PutDeal(1, 1, DealStatus::kOpen, 2);
  brevo.on_call = [](const std::string& call) {
    return call.starts_with("update") ? absl::UnauthenticatedError("bad key") : absl::OkStatus();
  };
  EXPECT_EQ(Ask(DealTarget{1}).status().code(), absl::StatusCode::kUnauthenticated);
  brevo.on_call = nullptr;
  EXPECT_EQ(*store->CountMarks(settings.connection, ""), 1);
  EXPECT_TRUE(Map(1).applied);
}

TEST_F(MapStageTest, NeedsDealsThatAreSyncedAndKnown) {
  RunOptions one;
  one.ids = {1};
  RunAll(one);
  EXPECT_EQ(Ask(DealTarget{1}).status().code(), absl::StatusCode::kFailedPrecondition);
  settings.deals = false;
  EXPECT_EQ(Ask(ImaginedDeal{.person_id = 1}).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace connector::sync
