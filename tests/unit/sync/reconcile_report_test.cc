#include "sync/reconcile_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sync_fixture.h"

namespace connector::sync {
namespace {

using ::testing::SizeIs;

constexpr int64_t kStageList = 11;

class ReconcileReportTest : public connector::testing::SyncFixture {
 protected:
  ReconcileReportTest() {
    settings.deals = true;
    settings.deal_lists.stages = {{{}, 1, kStageList}};
    brevo.lists.push_back({kStageList, "New deals"});
    clock.Advance(std::chrono::hours(24 * 365));
  }

  std::vector<ReportPart> Report(const ReportQuestion& question = {}) {
    const Accounts accounts = MakeAccounts();
    const auto parts = MakeReport(accounts, question, [] { return absl::OkStatus(); });
    EXPECT_TRUE(parts.ok()) << parts.status();
    for (const ReportPart& part : *parts) {
      EXPECT_EQ(part.actual, part.wanted - CountOf(part, DifferenceKind::kMissing) -
                                 CountOf(part, DifferenceKind::kWithheld) +
                                 CountOf(part, DifferenceKind::kSurplus) +
                                 CountOf(part, DifferenceKind::kForeign))
          << "list " << part.list_id;
    }
    return parts.value_or(std::vector<ReportPart>{});
  }
  static int64_t CountOf(const ReportPart& part, DifferenceKind kind) {
    for (const Difference& difference : part.differences) {
      if (difference.kind == kind) return difference.count;
    }
    return 0;
  }
  static std::vector<DifferenceExample> ExamplesOf(const ReportPart& part, DifferenceKind kind) {
    for (const Difference& difference : part.differences) {
      if (difference.kind == kind) return difference.examples;
    }
    return {};
  }
};

TEST_F(ReconcileReportTest, AccountsInStepDifferInNothing) {
  for (int64_t id = 1; id <= 1200; ++id) pipedrive.Put(id, absl::StrCat("p", id, "@x.de"));
  pipedrive.PutDeal(1, 7, DealStatus::kOpen, 1);
  RunAll();
  RunAll(Full());
  ForgetCalls();
  const auto parts = Report();
  ASSERT_THAT(parts, SizeIs(3));
  EXPECT_EQ(parts[0].wanted, 1200);
  EXPECT_EQ(parts[1].list_id, kList);
  EXPECT_EQ(parts[1].wanted, 1200);
  EXPECT_EQ(parts[2].list_name, "New deals");
  EXPECT_EQ(parts[2].wanted, 1);
  for (const ReportPart& part : parts) EXPECT_THAT(part.differences, SizeIs(0)) << part.list_id;
  EXPECT_THAT(pipedrive.calls, SizeIs(0));
  EXPECT_THAT(brevo.calls, SizeIs(0));
}

// Row 57 of the complaints: counts must be equal, or the difference must be named.
TEST_F(ReconcileReportTest, EveryDifferenceIsCountedAndNamed) {
  for (int64_t id = 1; id <= 4; ++id) pipedrive.Put(id, absl::StrCat("p", id, "@x.de"));
  pipedrive.Put(5, "");
  brevo.Put("stranger@x.de", {kList});
  RunAll();
  RunAll(Full());
  // 1 left the list by its own hand; Brevo lost 2; 3 was edited after its last look.
  brevo.Find("p1@x.de")->list_ids = {};
  brevo.contacts.erase(brevo.Find("p2@x.de")->id);
  brevo.Find("p4@x.de")->list_ids = {kList, kStageList};
  const auto session = StartRun(Full());
  const Accounts accounts = MakeAccounts();
  const Planning planning = MakePlanning();
  std::vector<Contact> page;
  for (const auto& [id, contact] : brevo.contacts) page.push_back(contact);
  const auto fold = [&](const std::optional<ContactState>& known, const Contact& seen) {
    return FoldContact(planning, known, seen, nullptr);
  };
  ASSERT_TRUE(store->FinishContactsPage(session->Update(), {"", true}, page, fold).ok());
  const auto gone = store->FindContact(settings.connection, {Identifier::Kind::kEmail, "p2@x.de"});
  ASSERT_TRUE(gone.ok() && *gone);
  ContactState absent = **gone;
  absent.existence = Existence::kAbsent;
  absent.lists.clear();
  ASSERT_TRUE(store->ReopenContacts(session->Update(), {absent}).ok());
  Person changed = pipedrive.persons.at(3);
  changed.first_name = "Other";
  ASSERT_TRUE(store
                  ->FinishPersonsPage(session->Update(), {"", true},
                                      {{changed, "p3@x.de", "pd-7-3"}}, Existence::kAbsent, false)
                  .ok());
  End(*session, RunState::kCancelled);

  const auto parts = Report();
  ASSERT_THAT(parts, SizeIs(3));
  const ReportPart& whole = parts[0];
  EXPECT_EQ(whole.wanted, 5);
  EXPECT_EQ(whole.actual, 4);
  const auto missing = ExamplesOf(whole, DifferenceKind::kMissing);
  ASSERT_THAT(missing, SizeIs(1));
  EXPECT_EQ(missing[0].person_id, 2);
  EXPECT_EQ(missing[0].email, "p2@x.de");
  const auto withheld = ExamplesOf(whole, DifferenceKind::kWithheld);
  ASSERT_THAT(withheld, SizeIs(1));
  EXPECT_EQ(withheld[0].detail, "no_email");
  const auto foreign = ExamplesOf(whole, DifferenceKind::kForeign);
  ASSERT_THAT(foreign, SizeIs(1));
  EXPECT_EQ(foreign[0].email, "stranger@x.de");
  const auto different = ExamplesOf(whole, DifferenceKind::kDifferentValue);
  ASSERT_THAT(different, SizeIs(1));
  EXPECT_EQ(different[0].person_id, 3);
  EXPECT_EQ(different[0].detail, "FIRSTNAME");
  EXPECT_EQ(CountOf(parts[1], DifferenceKind::kWithheld), 1) << "1 left it";
  EXPECT_EQ(CountOf(parts[1], DifferenceKind::kMissing), 1) << "2 is gone";
  EXPECT_EQ(CountOf(parts[1], DifferenceKind::kForeign), 1) << "the stranger";
  EXPECT_EQ(CountOf(parts[2], DifferenceKind::kForeign), 1) << "4, put there by somebody else";
}

TEST_F(ReconcileReportTest, ExamplesAreLimitedAndCountsAreNot) {
  for (int i = 0; i < 20; ++i) brevo.Put(absl::StrCat("s", i, "@x.de"), {kList});
  pipedrive.Put(1, "p@x.de");
  RunAll();
  const auto parts = Report({.max_examples = 3});
  EXPECT_EQ(CountOf(parts[0], DifferenceKind::kForeign), 20);
  EXPECT_THAT(ExamplesOf(parts[0], DifferenceKind::kForeign), SizeIs(3));
}

TEST_F(ReconcileReportTest, AnswersForOneListAndRefusesOneThatIsNotConfigured) {
  pipedrive.Put(1, "p@x.de");
  RunAll();
  EXPECT_THAT(Report({.list_ids = {kStageList}}), SizeIs(2));
  const Accounts accounts = MakeAccounts();
  const auto refused = MakeReport(accounts, {.list_ids = {999}}, [] { return absl::OkStatus(); });
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  const auto ended = MakeReport(accounts, {}, [] { return absl::CancelledError("gone"); });
  EXPECT_EQ(ended.status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace connector::sync
