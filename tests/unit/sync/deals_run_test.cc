#include "sync/deals_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "support/sync_fixture.h"
#include "sync/walk_deals.h"

namespace connector::sync {
namespace {

using connector::testing::FakeBrevo;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Stages 1 and 2 are of pipeline 1, 5 is of pipeline 2.
constexpr int64_t kNewList = 11;
constexpr int64_t kOfferList = 12;
constexpr int64_t kDueList = 15;
constexpr int64_t kWonList = 20;
constexpr int64_t kLostList = 21;
constexpr int64_t kCustomers = 30;
constexpr int64_t kChurned = 31;

class DealsRunTest : public connector::testing::SyncFixture {
 protected:
  DealsRunTest() {
    settings.deals = true;
    settings.person_mapping = {Rule("first_name", "FIRSTNAME"),
                               Rule("won_deals_count", "WON_DEALS"),
                               Rule("lost_deals_count", "LOST_DEALS"),
                               Rule("open_deals_count", "OPEN_DEALS"),
                               Rule("closed_deals_count", "CLOSED_DEALS"),
                               Rule("total_revenue", "LTV")};
    settings.deal_lists.stages = {{{}, 1, kNewList}, {{}, 2, kOfferList}, {{}, 5, kDueList}};
    settings.deal_lists.won = {{{}, 0, kWonList}};
    settings.deal_lists.lost = {{{}, 0, kLostList}};
    settings.deal_lists.customers = kCustomers;
    settings.deal_lists.churned = kChurned;
    for (const char* name : {"WON_DEALS", "LOST_DEALS", "OPEN_DEALS", "CLOSED_DEALS", "LTV"}) {
      brevo.attributes.push_back({name, "normal", AttributeType::kNumber, {}});
    }
    for (const int64_t list :
         {kNewList, kOfferList, kDueList, kWonList, kLostList, kCustomers, kChurned}) {
      brevo.lists.push_back({list, absl::StrCat("List ", list)});
    }
    clock.Advance(std::chrono::hours(24 * 365));
  }

  void Later() { clock.Advance(std::chrono::minutes(10)); }

  // Lists of a contact but the one everybody is on.
  std::vector<int64_t> Lists(std::string_view email) {
    const Contact* contact = brevo.Find(email);
    if (contact == nullptr) return {-1};
    std::vector<int64_t> lists = contact->list_ids;
    std::erase(lists, kList);
    return lists;
  }
  // "won lost open closed revenue".
  std::string Numbers(std::string_view email) {
    const Contact* contact = brevo.Find(email);
    if (contact == nullptr) return "no contact";
    std::vector<std::string> texts;
    for (const char* name : {"WON_DEALS", "LOST_DEALS", "OPEN_DEALS", "CLOSED_DEALS", "LTV"}) {
      texts.push_back(ToText(FakeBrevo::Get(*contact, name)));
    }
    return absl::StrJoin(texts, " ");
  }
  std::vector<std::string> DealCalls() {
    std::vector<std::string> calls;
    for (const std::string& call : pipedrive.calls) {
      if (call.find("deals") != std::string::npos) calls.push_back(call);
    }
    return calls;
  }
};

TEST_F(DealsRunTest, AColdRunOfPersonsReadsDealsFirstAndWritesEverybodyOnce) {
  settings.import_threshold = 1;
  pipedrive.Put(1, "a@x.de");
  pipedrive.Put(2, "b@x.de");
  pipedrive.Put(3, "c@x.de");
  pipedrive.PutDeal(1, 1, DealStatus::kOpen, 2).value = 5;
  pipedrive.PutDeal(2, 1, DealStatus::kWon).value = 100.5;
  pipedrive.PutDeal(3, 1, DealStatus::kWon).value = 0.25;
  pipedrive.deals[3].is_archived = true;
  pipedrive.PutDeal(4, 2, DealStatus::kDeleted);
  pipedrive.persons[1].won_deals_count = 77;  // what Pipedrive counts is not asked
  const RunProgress progress = RunAll();
  EXPECT_EQ(progress.read, 3) << "persons are the records of this run";
  EXPECT_EQ(progress.created, 3);
  EXPECT_THAT(pipedrive.calls, ElementsAre("account", "person fields", "pipelines", "stages",
                                           "currencies", "deals", "archived deals", "persons"));
  EXPECT_EQ(Numbers("a@x.de"), "2 0 1 2 100.75");
  EXPECT_EQ(Numbers("b@x.de"), "0 0 0 0 0");
  EXPECT_THAT(Lists("a@x.de"), ElementsAre(kOfferList, kWonList, kCustomers));
  EXPECT_THAT(Lists("c@x.de"), IsEmpty());
  EXPECT_EQ(brevo.CountCalls("update"), 0);
  EXPECT_EQ(brevo.CountCalls("import"), 4) << "one for the attributes, one for each further list";
}

TEST_F(DealsRunTest, OnlyFullRunsOfPersonsLookAtChangedDealsAndOnlyAfterAWhile) {
  pipedrive.Put(1, "a@x.de");
  RunAll();
  ForgetCalls();
  RunAll(Full());
  EXPECT_THAT(DealCalls(), IsEmpty()) << "they were read a moment ago";
  Later();
  pipedrive.PutDeal(1, 1);
  RunAll();
  EXPECT_THAT(DealCalls(), IsEmpty()) << "changed deals are for the runs of deals";
  RunAll(Full());
  EXPECT_THAT(DealCalls(),
              ElementsAre("deals since", "archived deals since", "deleted deals since"));
  EXPECT_EQ(Numbers("a@x.de"), "0 0 1 0 0") << "deals that changed bring their persons' contacts";
}

TEST_F(DealsRunTest, ALifeOfADealMovesTheContactByOneWriteEach) {
  pipedrive.Put(1, "a@x.de");
  pipedrive.Put(2, "b@x.de");
  RunAll();
  struct Step {
    const char* what;
    std::function<void()> change;
    std::vector<int64_t> lists;
    std::string numbers;
    int64_t writes;
  };
  const auto change = [this](std::function<void(Deal&)> edit) {
    return [this, edit] {
      edit(pipedrive.deals[1]);
      pipedrive.deals[1].update_time = clock.Now();
    };
  };
  const Step steps[] = {
      {"added", [this] { pipedrive.PutDeal(1, 1).value = 50; }, {kNewList}, "0 0 1 0 0", 1},
      {"its title", change([](Deal& d) { d.title = "X"; }), {kNewList}, "0 0 1 0 0", 0},
      {"next stage", change([](Deal& d) { d.stage_id = 2; }), {kOfferList}, "0 0 1 0 0", 1},
      {"another pipeline",
       change([](Deal& d) { d.stage_id = 5, d.pipeline_id = 2; }),
       {kDueList},
       "0 0 1 0 0",
       1},
      {"won",
       [this] { pipedrive.PutDeal(1, 1, DealStatus::kWon, 5); },
       {kWonList, kCustomers},
       "1 0 0 1 50",
       1},
      {"archived",
       change([](Deal& d) { d.is_archived = true; }),
       {kWonList, kCustomers},
       "1 0 0 1 50",
       0},
      {"and back",
       change([](Deal& d) { d.is_archived = false; }),
       {kWonList, kCustomers},
       "1 0 0 1 50",
       0},
      {"a second one lost",
       [this] { pipedrive.PutDeal(2, 1, DealStatus::kLost); },
       {kWonList, kLostList, kCustomers, kChurned},
       "1 1 0 2 50",
       1},
      {"a third one open",
       [this] { pipedrive.PutDeal(3, 1, DealStatus::kOpen, 2); },
       {kOfferList, kWonList, kCustomers},
       "1 1 1 2 50",
       1},
      {"reopened",
       [this] { pipedrive.PutDeal(1, 1, DealStatus::kOpen, 5); },
       {kOfferList, kDueList},
       "0 1 2 1 0",
       1},
      {"the third one deleted",
       [this] { pipedrive.PutDeal(3, 1, DealStatus::kDeleted, 2); },
       {kDueList},
       "0 1 1 1 0",
       1},
      {"the first one given to another person",
       change([](Deal& d) { d.person_id = 2; }),
       {kLostList},
       "0 1 0 1 0",
       2},
  };
  for (const Step& step : steps) {
    Later();
    step.change();
    ForgetCalls();
    const RunProgress progress = RunDeals();
    EXPECT_THAT(DealCalls(),
                ElementsAre("deals since", "archived deals since", "deleted deals since"));
    EXPECT_EQ(Lists("a@x.de"), step.lists) << step.what;
    EXPECT_EQ(Numbers("a@x.de"), step.numbers) << step.what;
    EXPECT_EQ(brevo.CountWrites(), step.writes) << step.what;
    EXPECT_EQ(progress.updated, step.writes) << step.what;
    EXPECT_FALSE(progress.full);
  }
  EXPECT_THAT(Lists("b@x.de"), ElementsAre(kDueList));
  EXPECT_EQ(Numbers("b@x.de"), "0 0 1 0 0");
}

TEST_F(DealsRunTest, PersonsOfOneContactShareItsLists) {
  pipedrive.Put(1, "a@x.de");
  pipedrive.Put(2, "A@x.de");
  pipedrive.PutDeal(1, 1, DealStatus::kLost);
  pipedrive.PutDeal(2, 2, DealStatus::kOpen, 2);
  RunAll();
  EXPECT_THAT(Lists("a@x.de"), ElementsAre(kOfferList)) << "an open deal of either keeps it";
  EXPECT_EQ(Numbers("a@x.de"), "0 1 0 1 0") << "the lowest id gives the counts";
}

TEST_F(DealsRunTest, AListItDidNotPutItOnIsNotLeftAndOneThatWasLeftIsNotRejoined) {
  pipedrive.Put(1, "a@x.de");
  brevo.Put("a@x.de", {kNewList});
  pipedrive.PutDeal(1, 1, DealStatus::kOpen, 1);
  RunAll();
  Later();
  pipedrive.PutDeal(1, 1, DealStatus::kOpen, 2);
  RunDeals();
  EXPECT_THAT(Lists("a@x.de"), ElementsAre(kNewList, kOfferList));
  Later();
  RunAll(Full());
  Contact& contact = *brevo.Find("a@x.de");
  std::erase(contact.list_ids, kOfferList);  // by its own hand
  contact.modified_at = clock.Now();
  Later();
  RunAll(Full());
  pipedrive.PutDeal(2, 1, DealStatus::kOpen, 2);
  Later();
  RunDeals();
  EXPECT_THAT(Lists("a@x.de"), ElementsAre(kNewList));
}

TEST_F(DealsRunTest, AFullRunFindsDealsThatWereDeletedLongAgo) {
  pipedrive.Put(1, "a@x.de");
  pipedrive.PutDeal(1, 1, DealStatus::kWon).value = 10;
  pipedrive.PutDeal(2, 1, DealStatus::kWon).value = 20;
  pipedrive.PutDeal(3, 1, DealStatus::kOpen);
  RunAll();
  EXPECT_EQ(Numbers("a@x.de"), "2 0 1 2 30");
  Later();
  pipedrive.deals.erase(2);
  pipedrive.deals.erase(3);
  RunDeals();
  EXPECT_EQ(Numbers("a@x.de"), "2 0 1 2 30") << "no list of changes shows them";
  ForgetCalls();
  const RunProgress progress = RunDeals(Full());
  EXPECT_TRUE(progress.full);
  EXPECT_THAT(DealCalls(), ElementsAre("deals", "archived deals", "deleted deals", "deals ids=2",
                                       "archived deals ids=2"));
  EXPECT_EQ(Numbers("a@x.de"), "1 0 0 1 10");
}

TEST_F(DealsRunTest, AnArchivedDealThatIsDeletedStopsCounting) {
  pipedrive.Put(1, "a@x.de");
  pipedrive.PutDeal(1, 1, DealStatus::kWon).is_archived = true;
  RunAll();
  EXPECT_EQ(Numbers("a@x.de"), "1 0 0 1 0");
  Later();
  pipedrive.PutDeal(1, 1, DealStatus::kDeleted).is_archived = true;
  RunDeals();
  EXPECT_EQ(Numbers("a@x.de"), "0 0 0 0 0");
}

TEST_F(DealsRunTest, ALongBreakMeansReadingEverything) {
  pipedrive.Put(1, "a@x.de");
  RunAll();
  clock.Advance(std::chrono::hours(24 * 31));
  ForgetCalls();
  EXPECT_TRUE(RunDeals().full);
  EXPECT_THAT(DealCalls(), ElementsAre("deals", "archived deals", "deleted deals"));
}

TEST_F(DealsRunTest, BeforeDealsAreKnownNothingIsConcluded) {
  pipedrive.Put(1, "a@x.de");
  pipedrive.PutDeal(1, 1, DealStatus::kWon).value = 9;
  RunOptions one;
  one.ids = {1};
  const RunProgress progress = RunAll(one);
  EXPECT_THAT(progress.warnings, Contains(HasSubstr("deals have not been read yet")));
  EXPECT_EQ(Numbers("a@x.de"), "    ");
  EXPECT_THAT(Lists("a@x.de"), IsEmpty());
  RunAll();
  EXPECT_EQ(Numbers("a@x.de"), "1 0 0 1 9");
}

TEST_F(DealsRunTest, SwitchedOffCountsComeFromPersonsAndListsStay) {
  pipedrive.Put(1, "a@x.de");
  pipedrive.PutDeal(1, 1, DealStatus::kOpen, 2).value = 9;
  RunAll();
  EXPECT_THAT(Lists("a@x.de"), ElementsAre(kOfferList));
  settings.deals = false;
  pipedrive.persons[1].open_deals_count = 5;
  pipedrive.persons[1].won_deals_count = 6;
  pipedrive.persons[1].lost_deals_count = 7;
  pipedrive.persons[1].closed_deals_count = 8;
  Later();
  ForgetCalls();
  const RunProgress progress = RunAll();
  EXPECT_TRUE(progress.full) << "the planning is another";
  EXPECT_THAT(DealCalls(), IsEmpty());
  EXPECT_EQ(Numbers("a@x.de"), "6 7 5 8 0") << "revenue stays as it was";
  EXPECT_THAT(Lists("a@x.de"), ElementsAre(kOfferList));
}

TEST_F(DealsRunTest, BeforePersonsItOnlyFillsTheTable) {
  pipedrive.Put(1, "a@x.de");
  pipedrive.PutDeal(1, 1, DealStatus::kWon).value = 9;
  const RunProgress progress = RunDeals();
  EXPECT_EQ(progress.read, 1);
  EXPECT_THAT(brevo.contacts, IsEmpty());
  ForgetCalls();
  RunAll();
  EXPECT_THAT(DealCalls(), IsEmpty()) << "they are known already";
  EXPECT_EQ(Numbers("a@x.de"), "1 0 0 1 9");
}

TEST_F(DealsRunTest, ReadsThePersonOfADealThatNobodyHasBrought) {
  pipedrive.Put(1, "a@x.de");
  RunAll();
  Later();
  pipedrive.Put(2, "b@x.de");
  pipedrive.PutDeal(1, 2, DealStatus::kOpen, 2);
  pipedrive.PutDeal(2, 99, DealStatus::kOpen, 2);  // of a person the account does not show
  ForgetCalls();
  const RunProgress progress = RunDeals();
  EXPECT_THAT(pipedrive.calls, ElementsAre("deals since", "persons ids=2", "archived deals since",
                                           "deleted deals since"));
  EXPECT_EQ(progress.read, 2) << "deals are the records of this run";
  EXPECT_EQ(progress.created, 1);
  EXPECT_THAT(Lists("b@x.de"), ElementsAre(kOfferList));
  Later();
  RunAll();
  Later();
  ForgetCalls();
  RunDeals(Full());
  EXPECT_THAT(pipedrive.calls, ElementsAre("deals", "archived deals", "deleted deals"))
      << "nobody new can be among persons of deals that have not changed";
}

TEST_F(DealsRunTest, NamedDealsAreReadByTheirIds) {
  pipedrive.Put(1, "a@x.de");
  pipedrive.PutDeal(1, 1, DealStatus::kWon).value = 10;
  pipedrive.PutDeal(2, 1, DealStatus::kOpen);
  RunAll();
  Later();
  pipedrive.PutDeal(1, 1, DealStatus::kLost);
  pipedrive.PutDeal(2, 1, DealStatus::kLost);
  pipedrive.PutDeal(3, 1, DealStatus::kLost);
  ForgetCalls();
  RunOptions two;
  two.ids = {1, 3, 77};
  const RunProgress progress = RunDeals(two);
  EXPECT_THAT(DealCalls(), ElementsAre("deals ids=3", "archived deals ids=1"));
  EXPECT_EQ(progress.read, 2);
  EXPECT_EQ(Numbers("a@x.de"), "0 2 1 2 0") << "deal 2 was not asked for";
}

TEST_F(DealsRunTest, ADryRunShowsAndLeavesNoTrace) {
  pipedrive.Put(1, "a@x.de");
  pipedrive.PutDeal(1, 1, DealStatus::kOpen, 1);
  RunAll();
  Later();
  pipedrive.PutDeal(1, 1, DealStatus::kOpen, 2);
  ForgetCalls();
  RunOptions dry;
  dry.dry_run = true;
  const RunProgress progress = RunDeals(dry);
  EXPECT_EQ(progress.updated, 1);
  EXPECT_EQ(progress.planned.single_writes, 1);
  const auto plan = store->ReadPlan(settings.connection, last_run, 0, 10);
  ASSERT_TRUE(plan.ok());
  ASSERT_EQ(plan->changes.size(), 1U);
  EXPECT_THAT(plan->changes[0].join_lists, ElementsAre(kOfferList));
  EXPECT_THAT(plan->changes[0].leave_lists, ElementsAre(kNewList));
  EXPECT_EQ(brevo.CountWrites(), 0);
  EXPECT_EQ((*store->FindDeal(settings.connection, 1))->stage_id, 1);
  RunDeals();
  EXPECT_THAT(Lists("a@x.de"), ElementsAre(kOfferList));
}

TEST_F(DealsRunTest, OtherCurrenciesAreReportedUntilTheyHaveARate) {
  pipedrive.Put(1, "a@x.de");
  pipedrive.PutDeal(1, 1, DealStatus::kWon).value = 10;
  Deal& dollars = pipedrive.PutDeal(2, 1, DealStatus::kWon);
  dollars.value = 100;
  dollars.currency = "USD";
  const RunProgress progress = RunAll();
  EXPECT_EQ(Numbers("a@x.de"), "2 0 0 2 10");
  EXPECT_EQ(progress.failed.at(FailureReason::kOtherCurrency), 1);
  const auto failures = Failures(last_run);
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].field, "LTV");
  EXPECT_THAT(failures[0].detail, HasSubstr("100.00 USD"));
  settings.currency_rates["USD"] = 0.5;
  Later();
  EXPECT_THAT(RunAll().failed, IsEmpty());
  EXPECT_EQ(Numbers("a@x.de"), "2 0 0 2 60") << "a new rate plans everybody anew";
}

TEST_F(DealsRunTest, GoesOnAfterTheLastFinishedPage) {
  pipedrive.page_size = 2;
  pipedrive.Put(1, "a@x.de");
  for (int i = 1; i <= 5; ++i) pipedrive.PutDeal(i, 1);
  const auto first = StartRun({}, RunKind::kDeals);
  pipedrive.on_call = [](const std::string& call) {
    return call == "deals@4" ? absl::UnavailableError("gone") : absl::OkStatus();
  };
  EXPECT_FALSE(sync::RunDeals(MakeAccounts(), *first).ok());
  EXPECT_TRUE(store->ReleaseRun(first->Update()).ok());
  pipedrive.on_call = nullptr;
  ForgetCalls();
  const auto second = TakeRun();
  ASSERT_TRUE(sync::RunDeals(MakeAccounts(), *second).ok());
  EXPECT_THAT(DealCalls(), ElementsAre("deals@4", "archived deals"));
  EXPECT_EQ(second->progress().read, 5);
  End(*second, RunState::kSucceeded);
}

TEST_F(DealsRunTest, StartsOverWhenAPlaceIsForgotten) {
  pipedrive.page_size = 2;
  for (int i = 1; i <= 3; ++i) pipedrive.PutDeal(i, 1);
  bool refused = false;
  pipedrive.on_call = [&refused](const std::string& call) {
    if (call != "deals@2" || std::exchange(refused, true)) return absl::OkStatus();
    return absl::OutOfRangeError("bad cursor");
  };
  const RunProgress progress = RunDeals();
  EXPECT_THAT(DealCalls(), ElementsAre("deals", "deals@2", "deals", "deals@2", "archived deals"));
  EXPECT_THAT(progress.warnings, Contains(HasSubstr("list of deals")));
  EXPECT_EQ(progress.read, 3);
}

TEST_F(DealsRunTest, AnAccountWithoutAListOfArchivedDealsIsReadWithoutIt) {
  pipedrive.PutDeal(1, 1);
  pipedrive.on_call = [](const std::string& call) {
    return call == "archived deals" ? absl::NotFoundError("no such path") : absl::OkStatus();
  };
  EXPECT_THAT(RunDeals().warnings, Contains(HasSubstr("archived")));
}

TEST_F(DealsRunTest, ListsThatBrevoDoesNotHaveAreLeftOutWithAWarning) {
  std::erase_if(brevo.lists, [](const BrevoList& list) { return list.id == kOfferList; });
  pipedrive.Put(1, "a@x.de");
  pipedrive.PutDeal(1, 1, DealStatus::kOpen, 2);
  const RunProgress progress = RunAll();
  EXPECT_THAT(progress.warnings, Contains(HasSubstr("deal_stage_mapping.2: Brevo has no list 12")));
  EXPECT_THAT(Lists("a@x.de"), IsEmpty());
}

}  // namespace
}  // namespace connector::sync
