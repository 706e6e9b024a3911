#include "sync/pipeline_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sync_fixture.h"

namespace connector::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::SizeIs;

Time Day(double days) { return Time(std::chrono::seconds(static_cast<int64_t>(days * 86400))); }

AccountSchema Schema() {
  AccountSchema schema;
  schema.pipelines = {{2, "Renewals", 2}, {1, "Sales", 1}};
  schema.stages = {{2, "Offer", 1, 2, 50.0},
                   {1, "New", 1, 1, {}},
                   {3, "Last", 1, 3, 80.0},
                   {5, "Due", 2, 1, {}}};
  schema.currencies = {{"EUR", 2}, {"JPY", 0}};
  return schema;
}

class PipelineTallyTest : public ::testing::Test {
 protected:
  PipelineTallyTest() {
    question.from = Day(10);
    question.to = Day(20);
  }
  static Deal Open(int64_t stage, double value, std::string currency = "EUR") {
    Deal deal;
    deal.id = 1;
    deal.pipeline_id = stage == 5 ? 2 : 1;
    deal.stage_id = stage;
    deal.value = value;
    deal.currency = std::move(currency);
    deal.add_time = Day(1);
    return deal;
  }
  static Deal Closed(DealStatus status, double day, double value = 10) {
    Deal deal = Open(1, value);
    deal.status = status;
    (status == DealStatus::kWon ? deal.won_time : deal.lost_time) = Day(day);
    return deal;
  }
  static store::StageMove Into(int64_t stage, double day, int64_t from = 0) {
    return {1, from, stage, Day(day)};
  }
  void Add(const Deal& deal, const std::vector<store::StageMove>& moves = {},
           const std::vector<std::string>& groups = {}) {
    tally.Add(deal, moves, groups);
  }
  PipelineReport Finish() { return std::move(tally).Finish(); }

  const AccountSchema schema = Schema();
  PipelineQuestion question;
  PipelineTally tally{schema, question};
};

TEST_F(PipelineTallyTest, AnEmptyAccountShowsItsPipelinesAndStagesInOrder) {
  const PipelineReport report = Finish();
  ASSERT_THAT(report.pipelines, SizeIs(2));
  EXPECT_EQ(report.pipelines[0].name, "Sales");
  ASSERT_THAT(report.pipelines[0].stages, SizeIs(3));
  EXPECT_EQ(report.pipelines[0].stages[0].name, "New");
  EXPECT_EQ(report.pipelines[0].stages[2].name, "Last");
  EXPECT_EQ(report.pipelines[0].WinRate(), std::nullopt);
  EXPECT_EQ(report.pipelines[0].stages[0].Conversion(), std::nullopt);
  EXPECT_EQ(report.pipelines[0].stages[0].stays.Days(), std::nullopt);
}

TEST_F(PipelineTallyTest, OpenValuesAreWeightedByTheDealElseTheStageElseNothing) {
  Add(Open(1, 100));  // the stage has no probability
  Add(Open(2, 100));  // 50 %
  Add(Open(2, 0.1));  // 0.05: exact
  Add(Open(2, 1000, "JPY"));
  Deal own = Open(3, 200);
  own.probability = 25;  // rather than 80 %
  Add(own);
  const PipelineReport report = Finish();
  const std::vector<StageFigures>& stages = report.pipelines[0].stages;
  EXPECT_THAT(stages[0].weighted_values, ElementsAre(Pair("EUR", 100'000'000)));
  EXPECT_EQ(stages[1].open_count, 3);
  EXPECT_THAT(stages[1].open_values,
              ElementsAre(Pair("EUR", 100'100'000), Pair("JPY", 1'000'000'000)));
  EXPECT_THAT(stages[1].weighted_values,
              ElementsAre(Pair("EUR", 50'050'000), Pair("JPY", 500'000'000)));
  EXPECT_THAT(stages[2].weighted_values, ElementsAre(Pair("EUR", 50'000'000)));
  EXPECT_THAT(report.decimals, ElementsAre(Pair("EUR", 2), Pair("JPY", 0)));
}

TEST_F(PipelineTallyTest, OutcomesCountWhereTheyFallIntoThePeriod) {
  Add(Closed(DealStatus::kWon, 10));  // the first moment is in
  Add(Closed(DealStatus::kWon, 19.5, 5));
  Add(Closed(DealStatus::kWon, 20));  // the end is not
  Add(Closed(DealStatus::kWon, 9.9));
  Add(Closed(DealStatus::kLost, 15, 7));
  Add(Closed(DealStatus::kDeleted, 15));
  const PipelineFigures sales = Finish().pipelines[0];
  EXPECT_EQ(sales.won.count, 2);
  EXPECT_THAT(sales.won.values, ElementsAre(Pair("EUR", 15'000'000)));
  EXPECT_EQ(sales.lost.count, 1);
  EXPECT_THAT(sales.lost.values, ElementsAre(Pair("EUR", 7'000'000)));
  EXPECT_DOUBLE_EQ(*sales.WinRate(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(*sales.to_win.Days(), (9 + 18.5) / 2) << "from creation on day 1";
}

struct ConversionRow {
  const char* what;
  DealStatus status;
  double closed;
  std::vector<store::StageMove> moves;
  std::vector<std::pair<int64_t, int64_t>> wanted;  // entered and advanced of stages 1, 2, 3
};

TEST_F(PipelineTallyTest, TellsWhoEnteredAStageAndWhoWentOn) {
  const ConversionRow rows[] = {
      {"rests", DealStatus::kOpen, 0, {Into(1, 11)}, {{1, 0}, {0, 0}, {0, 0}}},
      {"goes on", DealStatus::kOpen, 0, {Into(1, 11), Into(2, 12, 1)}, {{1, 1}, {1, 0}, {0, 0}}},
      {"skips a stage",
       DealStatus::kOpen,
       0,
       {Into(1, 11), Into(3, 12, 1)},
       {{1, 1}, {0, 0}, {1, 0}}},
      {"goes back", DealStatus::kOpen, 0, {Into(2, 11), Into(1, 12, 2)}, {{1, 0}, {1, 0}, {0, 0}}},
      {"to and fro counts once",
       DealStatus::kOpen,
       0,
       {Into(1, 11), Into(2, 12, 1), Into(1, 13, 2)},
       {{1, 1}, {1, 0}, {0, 0}}},
      {"went on after the period",
       DealStatus::kOpen,
       0,
       {Into(1, 19), Into(2, 25, 1)},
       {{1, 1}, {0, 0}, {0, 0}}},
      {"entered before the period",
       DealStatus::kOpen,
       0,
       {Into(1, 9), Into(2, 11, 1)},
       {{0, 0}, {1, 0}, {0, 0}}},
      {"entered when it ended", DealStatus::kOpen, 0, {Into(1, 20)}, {{0, 0}, {0, 0}, {0, 0}}},
      {"won", DealStatus::kWon, 14, {Into(1, 11)}, {{1, 1}, {0, 0}, {0, 0}}},
      {"lost", DealStatus::kLost, 14, {Into(1, 11)}, {{1, 0}, {0, 0}, {0, 0}}},
      {"another pipeline is no progress",
       DealStatus::kOpen,
       0,
       {Into(1, 11), Into(5, 12, 1)},
       {{1, 0}, {0, 0}, {0, 0}}},
      {"a stage that is gone",
       DealStatus::kOpen,
       0,
       {Into(99, 11), Into(2, 12, 99)},
       {{0, 0}, {1, 0}, {0, 0}}},
  };
  for (const ConversionRow& row : rows) {
    PipelineTally one(schema, question);
    Deal deal = row.status == DealStatus::kOpen ? Open(1, 1) : Closed(row.status, row.closed);
    one.Add(deal, row.moves, {});
    const PipelineReport report = std::move(one).Finish();
    for (size_t i = 0; i < 3; ++i) {
      const StageFigures& stage = report.pipelines[0].stages[i];
      EXPECT_EQ(std::make_pair(stage.entered, stage.advanced), row.wanted[i])
          << row.what << ", stage " << i + 1;
    }
  }
}

TEST_F(PipelineTallyTest, StaysThatEndedInThePeriodGiveTheMeanDays) {
  Add(Open(2, 1), {Into(1, 8), Into(2, 12, 1)});      // 4 days in 1; 2 goes on
  Add(Closed(DealStatus::kLost, 13), {Into(1, 11)});  // 2 days
  Add(Closed(DealStatus::kWon, 25), {Into(1, 11)});   // ended later
  Add(Open(2, 1), {Into(1, 1), Into(2, 9, 1)});       // ended before
  const PipelineFigures sales = Finish().pipelines[0];
  EXPECT_DOUBLE_EQ(*sales.stages[0].stays.Days(), 3);
  EXPECT_EQ(sales.stages[1].stays.Days(), std::nullopt);
}

TEST_F(PipelineTallyTest, GroupsAddUpAndTooManyShareOne) {
  for (size_t i = 0; i < kMostGroups + 5; ++i) Add(Open(1, 1), {}, {absl::StrCat("g", i)});
  Add(Open(2, 1), {}, {"g0"});
  Add(Open(5, 1), {}, {"g0", "g1"});
  const PipelineReport report = Finish();
  const std::vector<PipelineFigures>& groups = report.pipelines[0].groups;
  ASSERT_THAT(groups, SizeIs(kMostGroups + 1));
  EXPECT_EQ(groups[0].group, "(other)");
  EXPECT_EQ(groups[0].stages[0].open_count, 5);
  EXPECT_EQ(groups[1].group, "g0");
  EXPECT_THAT(groups[1].stages, SizeIs(2)) << "only stages it has something of";
  int64_t sum = 0;
  for (const PipelineFigures& group : groups) {
    for (const StageFigures& stage : group.stages) sum += stage.open_count;
  }
  EXPECT_EQ(sum, static_cast<int64_t>(kMostGroups) + 6);
  EXPECT_THAT(report.pipelines[1].groups, SizeIs(2)) << "a deal may be in several";
  EXPECT_EQ(report.pipelines[1].stages[0].open_count, 1);
}

TEST_F(PipelineTallyTest, OnlyThePipelinesAskedForAndThoseNobodyKnowsYet) {
  Deal deal = Open(1, 1);
  deal.pipeline_id = 9;
  deal.stage_id = 90;
  Add(deal);
  const PipelineReport report = Finish();
  ASSERT_THAT(report.pipelines, SizeIs(3));
  EXPECT_EQ(report.pipelines[2].pipeline_id, 9);
  EXPECT_EQ(report.pipelines[2].stages[0].stage_id, 90);

  PipelineQuestion narrow = question;
  narrow.pipeline_ids = {2};
  PipelineTally other(schema, narrow);
  other.Add(Open(1, 1), {}, {});
  const PipelineReport few = std::move(other).Finish();
  ASSERT_THAT(few.pipelines, SizeIs(1));
  EXPECT_EQ(few.pipelines[0].pipeline_id, 2);
}

class PipelineReportTest : public connector::testing::SyncFixture {
 protected:
  PipelineReportTest() {
    settings.deals = true;
    clock.Advance(std::chrono::hours(24 * 365));
  }
  absl::StatusOr<PipelineReport> Report(ReportSplit split = {},
                                        std::vector<int64_t> pipeline_ids = {}) {
    PipelineQuestion question{.pipeline_ids = std::move(pipeline_ids),
                              .from = clock.Now() - std::chrono::hours(24),
                              .to = clock.Now() + std::chrono::hours(24),
                              .split = std::move(split)};
    return MakePipelineReport(MakeAccounts(), question, [this] { return go_on; });
  }
  static std::vector<std::string> GroupsOf(const PipelineFigures& pipeline) {
    std::vector<std::string> names;
    for (const PipelineFigures& group : pipeline.groups) names.push_back(group.group);
    return names;
  }
  static absl::StatusCode CodeOf(const absl::StatusOr<PipelineReport>& report) {
    return report.status().code();
  }

  absl::Status go_on = absl::OkStatus();
};

TEST_F(PipelineReportTest, SaysWhatIsMissingAndWhatToDo) {
  EXPECT_THAT(Report().status().message(), HasSubstr("run sync deals"));
  EXPECT_EQ(CodeOf(Report()), absl::StatusCode::kFailedPrecondition);
  RunDeals();
  EXPECT_EQ(CodeOf(Report({}, {77})), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(Report(SplitByPersonField{"Nobody"})), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(Report(SplitByLists{})), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(Report(SplitByLists{{777}})), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(Report(SplitByLeadSource{})), absl::StatusCode::kFailedPrecondition);
  go_on = absl::CancelledError("");
  EXPECT_EQ(CodeOf(Report()), absl::StatusCode::kCancelled);
  go_on = absl::OkStatus();
  settings.deals = false;
  EXPECT_THAT(Report().status().message(), HasSubstr("connectors.pipedrive.sync.deals"));
}

TEST_F(PipelineReportTest, CountsAllPagesAndSaysSinceWhen) {
  const Time began = clock.Now();
  for (int64_t id = 1; id <= 1203; ++id) {
    pipedrive.PutDeal(id, 0, id % 3 == 0 ? DealStatus::kWon : DealStatus::kOpen, id % 2 + 1);
  }
  RunDeals();
  const auto report = Report();
  ASSERT_TRUE(report.ok()) << report.status();
  const PipelineFigures& sales = report->pipelines[0];
  EXPECT_EQ(sales.won.count, 401);
  EXPECT_EQ(sales.stages[0].open_count + sales.stages[1].open_count, 802);
  EXPECT_EQ(report->observed_since, began);
  EXPECT_TRUE(report->data_as_of.has_value());
}

TEST_F(PipelineReportTest, SplitsByAPersonsFieldAndByLists) {
  const std::string key(40, 'a');
  pipedrive.person_fields.push_back(
      {key, "Lead Source", "enum", true, {{"7", "Website"}, {"8", "Fair"}}});
  pipedrive.person_fields.push_back({std::string(40, 'b'), "Shoe Size", "double", true, {}});
  settings.person_mapping.push_back(Rule("custom_fields.lead_source", "LEAD_SOURCE"));
  brevo.attributes.push_back({"LEAD_SOURCE", "normal", AttributeType::kText, {}});
  pipedrive.Put(1, "a@x.org").custom_fields = {{key, OptionIds{{7}}}};
  pipedrive.Put(2, "b@x.org").custom_fields = {{key, OptionIds{{8}}}};
  pipedrive.Put(3, "c@x.org");
  pipedrive.PutDeal(1, 1);
  pipedrive.PutDeal(2, 2);
  pipedrive.PutDeal(3, 3);
  pipedrive.PutDeal(4, 99);
  RunAll();
  const auto by_field = Report(SplitByPersonField{"lead source"});
  ASSERT_TRUE(by_field.ok()) << by_field.status();
  EXPECT_THAT(GroupsOf(by_field->pipelines[0]), ElementsAre("(none)", "Fair", "Website"));
  EXPECT_EQ(by_field->pipelines[0].groups[0].stages[0].open_count, 2);
  EXPECT_EQ(CodeOf(Report(SplitByPersonField{"Shoe Size"})), absl::StatusCode::kFailedPrecondition)
      << "it isn't mapped, so it isn't read";

  RunAll(Full());
  const auto by_list = Report(SplitByLists{{kList}});
  ASSERT_TRUE(by_list.ok()) << by_list.status();
  ASSERT_THAT(by_list->pipelines[0].groups, SizeIs(2));
  EXPECT_EQ(by_list->pipelines[0].groups[0].group, "(none)");
  EXPECT_EQ(by_list->pipelines[0].groups[0].stages[0].open_count, 1);
  EXPECT_EQ(by_list->pipelines[0].groups[1].stages[0].open_count, 3);
}

}  // namespace
}  // namespace connector::sync
