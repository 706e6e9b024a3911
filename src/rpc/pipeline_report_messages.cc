#include "rpc/pipeline_report_messages.h"

#include <google/protobuf/util/time_util.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "base/status.h"
#include "model/money.h"

namespace connector::rpc {
namespace {

namespace v1 = pipedrive_connector::v1;

using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;

constexpr Duration kDefaultPeriod = std::chrono::hours(24 * 30);

Time FromProto(const Timestamp& time) {
  return Time(std::chrono::microseconds(TimeUtil::TimestampToMicroseconds(time)));
}

void Fill(Time time, Timestamp& out) {
  out = TimeUtil::MicrosecondsToTimestamp(time.time_since_epoch().count());
}

absl::StatusOr<sync::ReportSplit> ToSplit(const v1::ReportSplit& split) {
  switch (split.by_case()) {
    case v1::ReportSplit::kPersonField:
      if (split.person_field().empty()) {
        return absl::InvalidArgumentError("split.person_field: name a custom field of persons");
      }
      return sync::SplitByPersonField{split.person_field()};
    case v1::ReportSplit::kBrevoLists: {
      sync::SplitByLists lists;
      lists.list_ids.assign(split.brevo_lists().ids().begin(), split.brevo_lists().ids().end());
      return lists;
    }
    case v1::ReportSplit::kLeadSource:
      if (split.lead_source()) return sync::SplitByLeadSource{};
      return std::monostate{};
    case v1::ReportSplit::kDealField:
      return absl::UnimplementedError(
          "split.deal_field: custom fields of deals are not kept; split by person_field");
    case v1::ReportSplit::BY_NOT_SET:
      break;
  }
  return std::monostate{};
}

using Decimals = std::map<std::string, int>;

template <typename Field>
void FillSums(const sync::Sums& sums, const Decimals& decimals, Field& out) {
  for (const auto& [currency, millionths] : sums) {
    const auto known = decimals.find(currency);
    const int digits = known == decimals.end() ? 2 : known->second;
    v1::Money& money = *out.Add();
    money.set_amount(FormatMinorUnits(MinorUnits(millionths, digits), digits));
    money.set_currency(currency);
  }
}

void FillOutcome(const sync::OutcomeFigures& outcome, const Decimals& decimals,
                 v1::OutcomeFigures& out) {
  out.set_count(outcome.count);
  FillSums(outcome.values, decimals, *out.mutable_values());
}

void FillStage(const sync::StageFigures& stage, const Decimals& decimals, v1::StageFigures& out) {
  out.set_stage_id(stage.stage_id);
  out.set_name(stage.name);
  out.set_open_count(stage.open_count);
  FillSums(stage.open_values, decimals, *out.mutable_open_values());
  FillSums(stage.weighted_values, decimals, *out.mutable_weighted_values());
  out.set_entered(stage.entered);
  out.set_advanced(stage.advanced);
  if (const auto conversion = stage.Conversion()) out.set_conversion(*conversion);
  if (const auto days = stage.stays.Days()) out.set_mean_days(*days);
}

void FillPipeline(const sync::PipelineFigures& pipeline, const Decimals& decimals,
                  v1::PipelineFigures& out) {
  out.set_pipeline_id(pipeline.pipeline_id);
  out.set_name(pipeline.name);
  out.set_group(pipeline.group);
  for (const sync::StageFigures& stage : pipeline.stages) {
    FillStage(stage, decimals, *out.add_stages());
  }
  FillOutcome(pipeline.won, decimals, *out.mutable_won());
  FillOutcome(pipeline.lost, decimals, *out.mutable_lost());
  if (const auto rate = pipeline.WinRate()) out.set_win_rate(*rate);
  if (const auto days = pipeline.to_win.Days()) out.set_mean_days_to_win(*days);
  for (const sync::PipelineFigures& group : pipeline.groups) {
    FillPipeline(group, decimals, *out.add_groups());
  }
}

std::string CsvText(const std::string& text) {
  std::string cell = text;
  if (!cell.empty() && std::string("=+-@\t\r").find(cell[0]) != std::string::npos) {
    cell.insert(0, "'");
  }
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  return absl::StrCat("\"", absl::StrReplaceAll(cell, {{"\"", "\"\""}}), "\"");
}

// Writes the lines of one pipeline or group, or of one stage of it.
class CsvLines {
 public:
  CsvLines(std::string& out, std::string place) : out_(out), place_(std::move(place)) {}

  void Line(const char* figure, const std::string& currency, const std::string& value) {
    absl::StrAppend(&out_, place_, ",", figure, ",", CsvText(currency), ",", value, "\n");
  }
  void Count(const char* figure, int64_t count) { Line(figure, "", absl::StrCat(count)); }
  void Number(const char* figure, bool has, double number) {
    if (has) Line(figure, "", absl::StrFormat("%.4f", number));
  }
  template <typename Values>
  void Sums(const char* figure, const Values& values) {
    for (const v1::Money& money : values) Line(figure, money.currency(), money.amount());
  }

 private:
  std::string& out_;
  const std::string place_;
};

void AddLines(const v1::PipelineFigures& pipeline, std::string& out) {
  const std::string place = absl::StrCat(pipeline.pipeline_id(), ",", CsvText(pipeline.name()), ",",
                                         CsvText(pipeline.group()), ",");
  for (const v1::StageFigures& stage : pipeline.stages()) {
    CsvLines lines(out, absl::StrCat(place, stage.stage_id(), ",", CsvText(stage.name())));
    lines.Count("open_count", stage.open_count());
    lines.Sums("open_value", stage.open_values());
    lines.Sums("weighted_value", stage.weighted_values());
    lines.Count("entered", stage.entered());
    lines.Count("advanced", stage.advanced());
    lines.Number("conversion", stage.has_conversion(), stage.conversion());
    lines.Number("mean_days", stage.has_mean_days(), stage.mean_days());
  }
  CsvLines lines(out, absl::StrCat(place, ","));
  lines.Count("won_count", pipeline.won().count());
  lines.Sums("won_value", pipeline.won().values());
  lines.Count("lost_count", pipeline.lost().count());
  lines.Sums("lost_value", pipeline.lost().values());
  lines.Number("win_rate", pipeline.has_win_rate(), pipeline.win_rate());
  lines.Number("mean_days_to_win", pipeline.has_mean_days_to_win(), pipeline.mean_days_to_win());
  for (const v1::PipelineFigures& group : pipeline.groups()) AddLines(group, out);
}

}  // namespace

absl::StatusOr<sync::PipelineQuestion> ToPipelineQuestion(const v1::ReportPipelineRequest& request,
                                                          Time now) {
  sync::PipelineQuestion question;
  question.pipeline_ids.assign(request.pipeline_ids().begin(), request.pipeline_ids().end());
  const v1::ReportPeriod& period = request.period();
  question.to = period.has_to() ? FromProto(period.to()) : now;
  question.from = period.has_from() ? FromProto(period.from()) : question.to - kDefaultPeriod;
  if (question.from >= question.to) {
    return absl::InvalidArgumentError("period: from must be before to");
  }
  CONNECTOR_ASSIGN_OR_RETURN(question.split, ToSplit(request.split()));
  return question;
}

void FillPipelineReport(const sync::PipelineReport& report, v1::PipelineReport& out) {
  Fill(report.from, *out.mutable_period()->mutable_from());
  Fill(report.to, *out.mutable_period()->mutable_to());
  if (report.observed_since) Fill(*report.observed_since, *out.mutable_observed_since());
  if (report.data_as_of) Fill(*report.data_as_of, *out.mutable_data_as_of());
  for (const sync::PipelineFigures& pipeline : report.pipelines) {
    FillPipeline(pipeline, report.decimals, *out.add_pipelines());
  }
}

std::string PipelineReportCsv(const v1::PipelineReport& report) {
  std::string csv = "pipeline_id,pipeline,group,stage_id,stage,figure,currency,value\n";
  for (const v1::PipelineFigures& pipeline : report.pipelines()) AddLines(pipeline, csv);
  return csv;
}

}  // namespace connector::rpc
