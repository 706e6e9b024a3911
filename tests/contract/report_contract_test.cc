#include <algorithm>

#include "base/time_format.h"
#include "contract/store_contract.h"

namespace connector::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kLead[] = "0190f6f0-0000-7000-8000-000000000001";

Time At(int64_t second) { return Time(std::chrono::seconds(second)); }

Deal DealIn(int64_t id, int64_t stage, int64_t at, std::optional<int64_t> person = std::nullopt) {
  Deal deal;
  deal.id = id;
  deal.person_id = person;
  deal.pipeline_id = 1;
  deal.stage_id = stage;
  deal.value = 10;
  deal.currency = "EUR";
  deal.add_time = At(1);
  deal.update_time = At(at);
  deal.stage_change_time = At(at);
  return deal;
}

class ReportContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    lease_ = Start("run", RunKind::kDeals);
  }
  void Fold(const std::vector<Deal>& page, bool sees_all = true) {
    ASSERT_OK(store_->FinishDealsPage({lease_, {}}, "deals", {"next", false}, page, sees_all));
  }
  std::vector<DealHistory> After(int64_t id, Beside beside = Beside::kNothing, int limit = 100) {
    auto page = store_->DealHistoriesAfter(kConnection, id, beside, limit);
    EXPECT_TRUE(page.ok()) << page.status();
    return page.value_or(std::vector<DealHistory>{});
  }
  static std::vector<int64_t> IdsOf(const std::vector<DealHistory>& page) {
    std::vector<int64_t> ids;
    for (const DealHistory& history : page) ids.push_back(history.deal.id);
    return ids;
  }

  RunLease lease_;
};
CONNECTOR_ON_ALL_STORES(ReportContract);

TEST_P(ReportContract, PagesThroughTheDealsWithTheirMoves) {
  Deal gone = DealIn(3, 1, 10);
  Fold({DealIn(1, 1, 10), DealIn(2, 1, 10), gone, DealIn(4, 2, 10)});
  gone.status = DealStatus::kDeleted;
  gone.update_time = At(11);
  Fold({DealIn(2, 2, 20), gone});
  Fold({DealIn(2, 5, 30)});

  EXPECT_THAT(IdsOf(After(0)), ElementsAre(1, 2, 4)) << "deleted ones are left out";
  EXPECT_THAT(IdsOf(After(0, Beside::kNothing, 2)), ElementsAre(1, 2));
  EXPECT_THAT(IdsOf(After(2)), ElementsAre(4));
  EXPECT_THAT(After(4), IsEmpty());
  const auto page = After(0);
  EXPECT_THAT(page[0].moves, ElementsAre(StageMove{1, 0, 1, At(10)}));
  EXPECT_THAT(page[1].moves, ElementsAre(StageMove{2, 0, 1, At(10)}, StageMove{2, 1, 2, At(20)},
                                         StageMove{2, 2, 5, At(30)}));
  EXPECT_THAT(page[2].moves, ElementsAre(StageMove{4, 0, 2, At(10)}));
  EXPECT_EQ(page[1].deal.stage_id, 5);
}

TEST_P(ReportContract, AnotherConnectionSeesNothing) {
  Fold({DealIn(1, 1, 10)});
  const auto page = store_->DealHistoriesAfter("other", 0, Beside::kContact, 100);
  ASSERT_OK(page);
  EXPECT_THAT(*page, IsEmpty());
}

TEST_P(ReportContract, ReadsWhatIsAskedForBesideADeal) {
  FoldPersons(lease_, {MakePerson(7, "a@x.org")});
  const RunLease leads = Start("leads", RunKind::kLeads);
  Lead lead;
  lead.id = kLead;
  lead.source_name = "Web forms";
  ASSERT_OK(store_->FinishLeadsPage({leads, {}}, "leads", {"", true}, {lead}, true));
  Deal from_lead = DealIn(2, 1, 10, 7);
  from_lead.source_lead_id = kLead;
  Deal of_unknown_lead = DealIn(3, 1, 10);
  of_unknown_lead.source_lead_id = "0190f6f0-0000-7000-8000-000000000002";
  Fold({DealIn(1, 1, 10), from_lead, of_unknown_lead, DealIn(4, 1, 10, 99)});

  for (const Beside beside : {Beside::kNothing, Beside::kPerson, Beside::kContact, Beside::kLead}) {
    const auto page = After(0, beside);
    ASSERT_THAT(page, SizeIs(4));
    for (const DealHistory& history : page) {
      const bool is_second = history.deal.id == 2;
      EXPECT_EQ(history.person.has_value(), is_second && beside == Beside::kPerson);
      EXPECT_EQ(history.contact.has_value(), is_second && beside == Beside::kContact);
      EXPECT_EQ(history.lead.has_value(), is_second && beside == Beside::kLead);
      EXPECT_THAT(history.moves, SizeIs(1));
    }
  }
  EXPECT_EQ(After(0, Beside::kPerson)[1].person->id, 7);
  EXPECT_EQ(After(0, Beside::kContact)[1].contact->email, "a@x.org");
  EXPECT_EQ(After(0, Beside::kLead)[1].lead->source_name, "Web forms");
}

TEST_P(ReportContract, RemembersSinceWhenMovesAreTold) {
  Fold({DealIn(1, 1, 10)}, /*sees_all=*/false);
  EXPECT_EQ(*store_->GetWatermark(kConnection, kStagesObservedSince), "")
      << "a run that doesn't read all deals misses moves";
  const Time first = clock_.Now();
  Fold({DealIn(1, 1, 10)});
  clock_.Advance(std::chrono::seconds(30));
  Fold({DealIn(2, 1, 10)});
  EXPECT_EQ(*store_->GetWatermark(kConnection, kStagesObservedSince), FormatTimestamp(first));
}

}  // namespace
}  // namespace connector::store
