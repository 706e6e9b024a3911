#include <algorithm>

#include "contract/store_contract.h"

namespace connector::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Time At(int64_t second) { return Time(std::chrono::seconds(second)); }

Deal MakeDeal(int64_t id, std::optional<int64_t> person, int64_t updated = 1,
              DealStatus status = DealStatus::kOpen, int64_t stage = 1) {
  Deal deal;
  deal.id = id;
  deal.title = "Deal " + std::to_string(id);
  deal.person_id = person;
  deal.pipeline_id = stage < 5 ? 1 : 2;
  deal.stage_id = stage;
  deal.status = status;
  deal.value = 100;
  deal.currency = "EUR";
  deal.add_time = At(1);
  deal.update_time = At(updated);
  if (status == DealStatus::kWon) deal.won_time = At(updated);
  if (status == DealStatus::kLost) deal.lost_time = At(updated);
  return deal;
}

class DealsContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    lease_ = Start("run", RunKind::kDeals);
    ASSERT_OK(store_->SetWatermark(kConnection, kDealsSince, "2026-11-24T00:00:00Z"));
  }

  DealFold Fold(const std::vector<Deal>& page, bool sees_all = false) {
    const auto fold =
        store_->FinishDealsPage({lease_, {}}, "deals", {"next", false}, page, sees_all);
    EXPECT_TRUE(fold.ok()) << fold.status();
    return fold.value_or(DealFold{});
  }
  // Two persons with a contact each, settled.
  void TwoPersons() {
    FoldPersons(lease_, {MakePerson(1, "a@x.org"), MakePerson(2, "b@x.org")});
    SettleAll();
  }
  void SettleAll() {
    for (const ContactBundle& bundle : LeaseDirty("run")) ASSERT_OK(Settle(bundle));
  }
  std::vector<std::string> Marked() { return EmailsOf(LeaseAndSettle()); }
  std::vector<ContactBundle> LeaseAndSettle() {
    const auto bundles = LeaseDirty("run");
    for (const ContactBundle& bundle : bundles) EXPECT_TRUE(Settle(bundle).ok());
    return bundles;
  }

  RunLease lease_;
};
CONNECTOR_ON_ALL_STORES(DealsContract);

TEST_P(DealsContract, TellsFreshChangedUnchangedAndStaleDeals) {
  EXPECT_EQ(Fold({MakeDeal(1, 1, 10)}).fresh, 1);
  EXPECT_EQ(Fold({MakeDeal(1, 1, 10)}).unchanged, 1);
  EXPECT_EQ(Fold({MakeDeal(1, 1, 11, DealStatus::kWon)}).changed, 1);
  EXPECT_EQ(Fold({MakeDeal(1, 1, 10)}).stale, 1);
  const auto stored = store_->FindDeal(kConnection, 1);
  ASSERT_OK(stored);
  EXPECT_EQ(**stored, MakeDeal(1, 1, 11, DealStatus::kWon)) << "stale never overwrites newer";
  EXPECT_EQ(*store_->FindDeal(kConnection, 2), std::nullopt);
  EXPECT_EQ(store_->GetCursor(lease_, "deals")->value, "next");
}

TEST_P(DealsContract, AChangeOfTheSameSecondIsTaken) {
  Fold({MakeDeal(1, 1, 10, DealStatus::kOpen, 1)});
  EXPECT_EQ(Fold({MakeDeal(1, 1, 10, DealStatus::kOpen, 2)}).changed, 1);
}

TEST_P(DealsContract, CustomFieldsMakeNoDifference) {
  Fold({MakeDeal(1, 1)});
  Deal told = MakeDeal(1, 1);
  told.custom_fields = {{std::string(40, 'a'), std::string("x")}};
  EXPECT_EQ(Fold({told}).unchanged, 1);
}

TEST_P(DealsContract, MarksThoseWhoseCountsRevenueOrListsMayChange) {
  TwoPersons();
  struct Row {
    const char* what;
    std::function<void(Deal&)> change;
    std::vector<std::string> marked;
  };
  const Row rows[] = {
      {"title", [](Deal& d) { d.title = "Other"; }, {}},
      {"owner", [](Deal& d) { d.owner_id = 9; }, {}},
      {"archived", [](Deal& d) { d.is_archived = true; }, {}},
      {"stage", [](Deal& d) { d.stage_id = 2; }, {"a@x.org"}},
      {"pipeline", [](Deal& d) { d.pipeline_id = 2, d.stage_id = 5; }, {"a@x.org"}},
      {"value", [](Deal& d) { d.value = 101; }, {"a@x.org"}},
      {"currency", [](Deal& d) { d.currency = "USD"; }, {"a@x.org"}},
      {"won", [](Deal& d) { d.status = DealStatus::kWon, d.won_time = At(5); }, {"a@x.org"}},
      {"won at another time", [](Deal& d) { d.won_time = At(7); }, {"a@x.org"}},
      {"reopened", [](Deal& d) { d.status = DealStatus::kOpen; }, {"a@x.org"}},
      {"another person", [](Deal& d) { d.person_id = 2; }, {"a@x.org", "b@x.org"}},
      {"a person nobody knows", [](Deal& d) { d.person_id = 99; }, {"b@x.org"}},
      {"no person", [](Deal& d) { d.person_id.reset(); }, {}},
      {"a person again", [](Deal& d) { d.person_id = 1; }, {"a@x.org"}},
      {"deleted", [](Deal& d) { d.status = DealStatus::kDeleted; }, {"a@x.org"}},
      {"restored", [](Deal& d) { d.status = DealStatus::kLost; }, {"a@x.org"}},
  };
  Deal deal = MakeDeal(1, 1);
  Fold({deal});
  EXPECT_THAT(Marked(), ElementsAre("a@x.org")) << "a new deal";
  int64_t second = 100;
  for (const Row& row : rows) {
    row.change(deal);
    deal.update_time = At(++second);
    EXPECT_EQ(Fold({deal}).changed, 1) << row.what;
    EXPECT_EQ(Marked(), row.marked) << row.what;
  }
  Fold({MakeDeal(2, 1, 1, DealStatus::kDeleted)});
  EXPECT_THAT(Marked(), IsEmpty()) << "a deal that was deleted before it was known";
}

TEST_P(DealsContract, OutsideARunMarksArePromptAndFree) {
  TwoPersons();
  const auto fold = store_->FoldDeals(kConnection, {MakeDeal(1, 1), MakeDeal(2, 1)});
  ASSERT_OK(fold);
  EXPECT_EQ(fold->fresh, 2);
  EXPECT_THAT(Marked(), IsEmpty()) << "they are not the run's";
  EXPECT_EQ(store_->CountLiveMarks(kConnection, clock_.Now())->prompt, 1);
}

TEST_P(DealsContract, ATombstoneKeepsLateMessagesFromRevivingADeal) {
  TwoPersons();
  Fold({MakeDeal(1, 1, 10)});
  Deal gone = MakeDeal(1, 1, 10, DealStatus::kDeleted);
  gone.update_time.reset();
  EXPECT_EQ(Fold({gone}).changed, 1);
  EXPECT_EQ(Fold({MakeDeal(1, 1, 9)}).stale, 1) << "the stored update_time stays";
  EXPECT_EQ(Fold({MakeDeal(1, 1, 11)}).changed, 1) << "restored in Pipedrive";
}

TEST_P(DealsContract, BundlesCarryTheFactsOfEachPerson) {
  FoldPersons(lease_, {MakePerson(1, "a@x.org"), MakePerson(2, "a@x.org")});
  const std::vector<Deal> first = {MakeDeal(1, 1, 1), MakeDeal(2, 1, 2, DealStatus::kWon),
                                   MakeDeal(3, 1, 3, DealStatus::kDeleted)};
  const std::vector<Deal> second = {MakeDeal(4, 2, 4, DealStatus::kLost, 5),
                                    MakeDeal(5, 2, 5, DealStatus::kOpen, 6)};
  Fold(first);
  Fold(second);
  Fold({MakeDeal(6, std::nullopt), MakeDeal(7, 77)});
  const auto bundles = LeaseDirty("run");
  ASSERT_EQ(bundles.size(), 1);
  EXPECT_TRUE(bundles[0].deals_known);
  DealFacts of_first;
  for (const Deal& deal : first) AddDeal(of_first, deal);
  DealFacts of_second;
  for (const Deal& deal : second) AddDeal(of_second, deal);
  EXPECT_THAT(bundles[0].deals, ElementsAre(of_first, of_second));

  const auto looked = store_->BundleOfPerson(kConnection, 2);
  ASSERT_OK(looked);
  ASSERT_TRUE(looked->has_value());
  EXPECT_EQ((*looked)->state, bundles[0].state);
  EXPECT_EQ((*looked)->deals, bundles[0].deals);
  EXPECT_EQ(*store_->BundleOfPerson(kConnection, 3), std::nullopt);
}

TEST_P(DealsContract, NothingIsConcludedFromATableThatIsNotWhole) {
  ASSERT_OK(store_->SetWatermark(kConnection, kDealsSince, ""));
  FoldPersons(lease_, {MakePerson(1, "a@x.org")});
  Fold({MakeDeal(1, 1)});
  const auto bundles = LeaseDirty("run");
  ASSERT_EQ(bundles.size(), 1);
  EXPECT_FALSE(bundles[0].deals_known);
  EXPECT_THAT(bundles[0].deals, IsEmpty());
}

TEST_P(DealsContract, BooksStageMoves) {
  Deal deal = MakeDeal(1, 1, 10, DealStatus::kOpen, 2);
  deal.stage_change_time = At(5);
  Fold({deal});
  deal.title = "Other";
  deal.update_time = At(11);
  Fold({deal});
  deal.stage_id = 3;
  deal.update_time = deal.stage_change_time = At(20);
  Fold({deal});
  ASSERT_OK(store_->FoldDeals(kConnection, {deal}));
  deal.stage_id = 5;
  deal.update_time = At(30);
  deal.stage_change_time.reset();
  Fold({deal});
  deal.status = DealStatus::kDeleted;
  deal.stage_id = 6;
  deal.update_time = At(31);
  Fold({deal});
  EXPECT_THAT(*store_->StageMovesOf(kConnection, 1),
              ElementsAre(StageMove{1, 0, 2, At(5)}, StageMove{1, 2, 3, At(20)},
                          StageMove{1, 3, 5, At(30)}));
  EXPECT_THAT(*store_->StageMovesOf(kConnection, 2), IsEmpty());
}

TEST_P(DealsContract, TellsWhatAWholeWalkHasNotSeen) {
  Fold({MakeDeal(1, 1), MakeDeal(2, 1), MakeDeal(3, 1, 1, DealStatus::kDeleted), MakeDeal(4, 1),
        MakeDeal(5, 1, 9)});
  Fold({MakeDeal(2, 1), MakeDeal(5, 1, 8), MakeDeal(6, 1)}, /*sees_all=*/true);
  EXPECT_THAT(*store_->DealsNotSeen(lease_, 0, 10), ElementsAre(1, 4));
  EXPECT_THAT(*store_->DealsNotSeen(lease_, 0, 1), ElementsAre(1));
  EXPECT_THAT(*store_->DealsNotSeen(lease_, 1, 10), ElementsAre(4));
}

TEST_P(DealsContract, TellsPersonsThatAreNotStored) {
  TwoPersons();
  EXPECT_THAT(*store_->UnknownPersons(kConnection, {1, 2, 3, 99}), ElementsAre(3, 99));
}

TEST_P(DealsContract, LeasesOneContactByItsKey) {
  TwoPersons();
  ASSERT_OK(store_->FoldDeals(kConnection, {MakeDeal(1, 1), MakeDeal(2, 2)}));
  const int64_t key = KeyOf("b@x.org");
  const auto lease = [&](int64_t only) {
    return EmailsOf(*store_->LeaseContacts(kConnection,
                                           {.after_key = only - 1, .last_key = only, .limit = 5},
                                           "me", clock_.Now(), kMinute));
  };
  EXPECT_THAT(lease(key), ElementsAre("b@x.org"));
  EXPECT_THAT(lease(key), IsEmpty());
}

TEST_P(DealsContract, ForgetsTombstonesInTime) {
  Fold({MakeDeal(1, 1, 10, DealStatus::kDeleted), MakeDeal(2, 1, 30, DealStatus::kDeleted),
        MakeDeal(3, 1, 10)});
  ASSERT_OK(store_->Prune(At(20)));
  EXPECT_EQ(*store_->FindDeal(kConnection, 1), std::nullopt);
  EXPECT_NE(*store_->FindDeal(kConnection, 2), std::nullopt);
  EXPECT_NE(*store_->FindDeal(kConnection, 3), std::nullopt);
}

TEST_P(DealsContract, ALostLeaseFoldsNothing) {
  RunLease other = lease_;
  other.owner = "somebody else";
  EXPECT_CODE(store_->FinishDealsPage({other, {}}, "deals", {"", true}, {MakeDeal(1, 1)}, false),
              kFailedPrecondition);
  EXPECT_EQ(*store_->FindDeal(kConnection, 1), std::nullopt);
}

TEST_P(DealsContract, IngestFoldsDealsBesidePersons) {
  IngestBatch batch;
  batch.persons = {MakePerson(1, "a@x.org")};
  batch.deals = {MakeDeal(1, 1, 3, DealStatus::kWon)};
  ASSERT_OK(store_->FinishIngest(kConnection, "me", batch));
  const auto bundle = store_->BundleOfPerson(kConnection, 1);
  ASSERT_OK(bundle);
  ASSERT_TRUE(bundle->has_value());
  EXPECT_EQ((*bundle)->deals.at(0).won, 1);
}

}  // namespace
}  // namespace connector::store
