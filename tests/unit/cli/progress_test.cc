#include "cli/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/table.h"

namespace connector::cli {
namespace {

using testing::HasSubstr;

constexpr Time kStart = Time(std::chrono::seconds(1'800'000'000));

v1::RunProgress SomeRun() {
  v1::RunProgress run;
  run.set_run_id("r1");
  run.set_kind(v1::RUN_KIND_PERSONS);
  run.set_mode(v1::SYNC_MODE_FULL);
  run.set_state(v1::RUN_STATE_RUNNING);
  run.set_phase(v1::RUN_PHASE_READ_PIPEDRIVE);
  run.set_read(12000);
  run.set_created(11000);
  run.set_unchanged(1000);
  run.mutable_started_at()->set_seconds(1'800'000'000);
  run.set_records_per_second(300.4);
  return run;
}

TEST(ProgressBarTest, ShowsTheShareOfTheExpectedTime) {
  v1::RunProgress run = SomeRun();
  run.mutable_estimated_end()->set_seconds(1'800'000'100);
  EXPECT_EQ(ProgressBar(run, kStart + std::chrono::seconds(25), 200),
            "[#####...............]  25%  reading Pipedrive  12,000 read, 11,000 created, "
            "0 updated, 1,000 unchanged  300/s  1m15s left");
}

TEST(ProgressBarTest, IsNeverWiderThanTheTerminal) {
  EXPECT_EQ(ProgressBar(SomeRun(), kStart, 40).size(), 40u);
}

TEST(ProgressBarTest, IsFullOnlyAtTheEnd) {
  v1::RunProgress run = SomeRun();
  run.mutable_estimated_end()->set_seconds(1'800'000'010);
  EXPECT_THAT(ProgressBar(run, kStart + std::chrono::hours(1), 200), HasSubstr(" 99%"));
  run.set_state(v1::RUN_STATE_SUCCEEDED);
  EXPECT_THAT(ProgressBar(run, kStart, 200), HasSubstr("[####################] 100%"));
}

TEST(SummaryTest, ShowsEveryFigureAligned) {
  v1::RunProgress run = SomeRun();
  run.set_state(v1::RUN_STATE_SUCCEEDED);
  run.mutable_finished_at()->set_seconds(1'800'000'080);
  run.mutable_usage()->set_pipedrive_calls(24);
  run.mutable_usage()->set_pipedrive_tokens(480);
  run.mutable_usage()->set_brevo_calls(30);
  run.mutable_usage()->set_brevo_writes(12);
  auto* skipped = run.add_skipped();
  skipped->set_reason(v1::SKIP_REASON_DELETED);
  skipped->set_count(3);
  skipped = run.add_skipped();
  skipped->set_reason(v1::SKIP_REASON_NO_EMAIL);
  skipped->set_count(60);
  auto* failed = run.add_failed();
  failed->set_reason(v1::FAILURE_REASON_INVALID_PHONE);
  failed->set_count(2);
  run.add_warnings("list 5 is \x1b[31mgone");
  EXPECT_EQ(Summary(run),
            "Run r1 (persons, full): succeeded\n"
            "  read             12,000\n"
            "  created          11,000\n"
            "  updated               0\n"
            "  unchanged         1,000\n"
            "  skipped              63  no_email 60, deleted 3\n"
            "  failed                0\n"
            "  fields dropped        2  invalid_phone 2\n"
            "  Pipedrive calls      24  480 tokens\n"
            "  Brevo calls          30\n"
            "  Brevo writes         12\n"
            "  1m20s, 150 records/s\n"
            "  warning: list 5 is  [31mgone\n"
            "  see: pipedrive-connector failures list --run r1\n");
}

TEST(PlannedTextTest, SaysWhatWhyAndWhere) {
  v1::PlannedChange change;
  change.set_person_id(42);
  change.set_email("jane@example.com");
  change.set_action(v1::PLANNED_ACTION_UPDATE);
  auto* field = change.add_fields();
  field->set_attribute("FIRSTNAME");
  field->set_before("Jan");
  field->set_after("Jane");
  field->set_reason("changed in Pipedrive");
  change.add_lists_joined()->set_list_id(60);
  EXPECT_EQ(PlannedText(change),
            "update person 42 jane@example.com\n"
            "    FIRSTNAME: \"Jan\" -> \"Jane\" (changed in Pipedrive)\n"
            "    join list 60\n");
}

TEST(NameTest, HasNoPrefix) {
  EXPECT_EQ(Name(v1::FAILURE_REASON_REFUSED_BY_BREVO), "refused_by_brevo");
  EXPECT_EQ(Name(v1::RUN_PHASE_READ_BREVO), "read_brevo");
  EXPECT_EQ(Name(static_cast<v1::RunState>(99)), "unknown");
}

TEST(TableTest, AlignsNumbersRightAndTextLeft) {
  Table table({"NAME", "COUNT", "NOTE"});
  table.Add({"zoë", "1,000", ""});
  table.Add({"a", "7", "x"});
  EXPECT_EQ(table.Text(),
            "NAME  COUNT  NOTE\n"
            "zoë   1,000\n"
            "a         7  x\n");
}

TEST(FormatTest, NumbersAndDurations) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1234567), "1,234,567");
  EXPECT_EQ(Grouped(-1000), "-1,000");
  EXPECT_EQ(ShortDuration(0.25), "250ms");
  EXPECT_EQ(ShortDuration(59.6), "1m00s");
  EXPECT_EQ(ShortDuration(7800), "2h10m");
}

}  // namespace
}  // namespace connector::cli
