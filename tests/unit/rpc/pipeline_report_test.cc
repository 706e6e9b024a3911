#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rpc/pipeline_report_messages.h"

namespace connector::rpc {
namespace {

namespace v1 = pipedrive_connector::v1;

using ::testing::HasSubstr;
using ::testing::Not;

Time Second(int64_t second) { return Time(std::chrono::seconds(second)); }

constexpr int64_t kNow = 1'800'000'000;

TEST(PipelineQuestionTest, ThePeriodIsTheLastThirtyDaysUnlessItIsNamed) {
  struct Row {
    int64_t from, to, wanted_from, wanted_to;
  };
  constexpr int64_t kMonth = 30 * 86400;
  const Row rows[] = {{0, 0, kNow - kMonth, kNow},
                      {kNow - 5, 0, kNow - 5, kNow},
                      {0, kNow - 5, kNow - 5 - kMonth, kNow - 5},
                      {10, 20, 10, 20}};
  for (const Row& row : rows) {
    v1::ReportPipelineRequest request;
    if (row.from != 0) request.mutable_period()->mutable_from()->set_seconds(row.from);
    if (row.to != 0) request.mutable_period()->mutable_to()->set_seconds(row.to);
    const auto question = ToPipelineQuestion(request, Second(kNow));
    ASSERT_TRUE(question.ok()) << question.status();
    EXPECT_EQ(question->from, Second(row.wanted_from));
    EXPECT_EQ(question->to, Second(row.wanted_to));
  }
  v1::ReportPipelineRequest backwards;
  backwards.mutable_period()->mutable_from()->set_seconds(20);
  backwards.mutable_period()->mutable_to()->set_seconds(20);
  EXPECT_EQ(ToPipelineQuestion(backwards, Second(kNow)).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(PipelineQuestionTest, SaysByWhatItCannotSplit) {
  v1::ReportPipelineRequest request;
  request.mutable_split()->set_deal_field("Campaign");
  EXPECT_EQ(ToPipelineQuestion(request, Second(kNow)).status().code(),
            absl::StatusCode::kUnimplemented);
  request.mutable_split()->set_person_field("");
  EXPECT_EQ(ToPipelineQuestion(request, Second(kNow)).status().code(),
            absl::StatusCode::kInvalidArgument);
  request.mutable_split()->set_lead_source(false);
  const auto none = ToPipelineQuestion(request, Second(kNow));
  ASSERT_TRUE(none.ok());
  EXPECT_TRUE(std::holds_alternative<std::monostate>(none->split));
}

sync::PipelineReport Report() {
  sync::PipelineReport report;
  report.from = Second(10);
  report.to = Second(20);
  report.decimals = {{"EUR", 2}, {"JPY", 0}};
  sync::PipelineFigures& sales = report.pipelines.emplace_back();
  sales.pipeline_id = 1;
  sales.name = "Sales, \"new\"";
  sync::StageFigures& stage = sales.stages.emplace_back();
  stage.stage_id = 2;
  stage.name = "=HYPERLINK(\"x\")";
  stage.open_count = 3;
  stage.open_values = {{"EUR", 12'345'000}, {"JPY", 1'500'000'000}};
  stage.entered = 4;
  stage.advanced = 1;
  sales.won.count = 1;
  sales.won.values = {{"EUR", -5'000}};
  return report;
}

TEST(PipelineReportTest, MoneyHasTheDigitsOfItsCurrency) {
  v1::PipelineReport out;
  FillPipelineReport(Report(), out);
  const v1::PipelineFigures& sales = out.pipelines(0);
  ASSERT_EQ(sales.stages(0).open_values_size(), 2);
  EXPECT_EQ(sales.stages(0).open_values(0).amount(), "12.35");
  EXPECT_EQ(sales.stages(0).open_values(1).amount(), "1500");
  EXPECT_EQ(sales.won().values(0).amount(), "-0.01");
  EXPECT_DOUBLE_EQ(sales.stages(0).conversion(), 0.25);
  EXPECT_FALSE(sales.stages(0).has_mean_days());
  EXPECT_DOUBLE_EQ(sales.win_rate(), 1);
  EXPECT_FALSE(out.has_observed_since());
  EXPECT_EQ(out.period().from().seconds(), 10);
}

TEST(PipelineReportTest, NamesCannotBreakTheCsv) {
  v1::PipelineReport out;
  FillPipelineReport(Report(), out);
  const std::string csv = PipelineReportCsv(out);
  EXPECT_THAT(csv, HasSubstr("\n1,\"Sales, \"\"new\"\"\",,2,\"'=HYPERLINK(\"\"x\"\")\","
                             "open_count,,3\n"));
  EXPECT_THAT(csv, HasSubstr(",open_value,EUR,12.35\n"));
  EXPECT_THAT(csv, HasSubstr(",conversion,,0.2500\n"));
  EXPECT_THAT(csv, HasSubstr(",,,won_value,EUR,-0.01\n")) << "no stage";
  EXPECT_THAT(csv, Not(HasSubstr("mean_days")));
}

}  // namespace
}  // namespace connector::rpc
