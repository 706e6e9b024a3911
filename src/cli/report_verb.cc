#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/call.h"
#include "cli/table.h"
#include "pipedrive_connector/v1/service.grpc.pb.h"

namespace connector::cli {
namespace {

namespace v1 = ::pipedrive_connector::v1;

using google::protobuf::util::TimeUtil;

// A walk through all deals.
constexpr Duration kReportDeadline = std::chrono::minutes(2);

// "1200.00 EUR, 80 JPY".
template <typename Values>
std::string Amounts(const Values& values) {
  std::vector<std::string> texts;
  for (const v1::Money& money : values) {
    texts.push_back(money.currency().empty() ? money.amount()
                                             : absl::StrCat(money.amount(), " ", money.currency()));
  }
  return absl::StrJoin(texts, ", ");
}

std::string Percent(bool has, double share) {
  return has ? absl::StrFormat("%.0f%%", share * 100) : "-";
}

std::string Days(bool has, double days) { return has ? absl::StrFormat("%.1f", days) : "-"; }

std::string OutcomeText(const v1::OutcomeFigures& outcome, const char* what) {
  const std::string amounts = Amounts(outcome.values());
  return absl::StrCat(Grouped(outcome.count()), " ", what,
                      amounts.empty() ? "" : absl::StrCat(" (", amounts, ")"));
}

std::string StageTable(const v1::PipelineFigures& pipeline) {
  Table table(
      {"STAGE", "NAME", "OPEN", "VALUE", "WEIGHTED", "ENTERED", "WENT ON", "CONVERSION", "DAYS"});
  for (const v1::StageFigures& stage : pipeline.stages()) {
    table.Add({absl::StrCat(stage.stage_id()), Printable(stage.name()), Grouped(stage.open_count()),
               Printable(Amounts(stage.open_values())), Printable(Amounts(stage.weighted_values())),
               Grouped(stage.entered()), Grouped(stage.advanced()),
               Percent(stage.has_conversion(), stage.conversion()),
               Days(stage.has_mean_days(), stage.mean_days())});
  }
  return table.Text("  ");
}

// A bar for the open deals of every stage; the longest one fills what the names leave of the width.
std::string StageChart(const v1::PipelineFigures& pipeline, size_t width) {
  int64_t most = 1;
  size_t longest = 0;
  for (const v1::StageFigures& stage : pipeline.stages()) {
    most = std::max<int64_t>(most, stage.open_count());
    longest = std::max(longest, DisplayWidth(stage.name()));
  }
  constexpr size_t kFigures = 30;  // of count and value behind a bar
  const size_t room = std::max<size_t>(10, width - std::min(width, longest + kFigures));
  std::string chart;
  for (const v1::StageFigures& stage : pipeline.stages()) {
    const std::string name = Printable(stage.name());
    const double share = static_cast<double>(stage.open_count()) / static_cast<double>(most);
    size_t length = static_cast<size_t>(share * static_cast<double>(room));
    if (stage.open_count() > 0) length = std::max<size_t>(length, 1);
    const std::string value = Printable(Amounts(stage.open_values()));
    absl::StrAppend(&chart, "  ", name, std::string(longest - DisplayWidth(name), ' '), "  ",
                    std::string(length, '#'), length > 0 ? " " : "", Grouped(stage.open_count()),
                    value.empty() ? "" : ", ", value, "\n");
  }
  return chart;
}

void Print(const v1::PipelineFigures& pipeline, const CallScene& scene) {
  std::ostream& out = scene.terminal.out;
  out << "pipeline " << pipeline.pipeline_id() << " " << Printable(pipeline.name());
  if (!pipeline.group().empty()) out << ", " << Printable(pipeline.group());
  out << ": " << OutcomeText(pipeline.won(), "won") << ", " << OutcomeText(pipeline.lost(), "lost");
  if (pipeline.has_win_rate()) out << ", win rate " << Percent(true, pipeline.win_rate());
  if (pipeline.has_mean_days_to_win()) {
    out << ", " << Days(true, pipeline.mean_days_to_win()) << " days to win";
  }
  out << "\n"
      << (scene.arguments.chart ? StageChart(pipeline, scene.terminal.width)
                                : StageTable(pipeline));
  for (const v1::PipelineFigures& group : pipeline.groups()) Print(group, scene);
}

void PrintReport(const v1::PipelineReport& report, const CallScene& scene) {
  std::ostream& out = scene.terminal.out;
  out << TimeUtil::ToString(report.period().from()) << " to "
      << TimeUtil::ToString(report.period().to()) << "; moves observed since "
      << (report.has_observed_since() ? TimeUtil::ToString(report.observed_since()) : "no run yet")
      << ", deals as of " << TimeUtil::ToString(report.data_as_of()) << "\n";
  for (const v1::PipelineFigures& pipeline : report.pipelines()) Print(pipeline, scene);
}

grpc::Status AddPeriod(const Arguments& arguments, v1::ReportPipelineRequest& request) {
  if (!arguments.from.empty()) {
    const grpc::Status status =
        ReadTime("--from", arguments.from, *request.mutable_period()->mutable_from());
    if (!status.ok()) return status;
  }
  if (arguments.to_time.empty()) return grpc::Status::OK;
  return ReadTime("--to", arguments.to_time, *request.mutable_period()->mutable_to());
}

v1::ReportPipelineRequest RequestOf(const Arguments& arguments) {
  v1::ReportPipelineRequest request;
  request.set_connection(arguments.connection);
  for (const int64_t id : arguments.pipeline_ids) request.add_pipeline_ids(id);
  request.set_include_csv(arguments.csv);
  if (!arguments.person_field.empty()) {
    request.mutable_split()->set_person_field(arguments.person_field);
  } else if (!arguments.list_ids.empty()) {
    for (const int64_t id : arguments.list_ids) {
      request.mutable_split()->mutable_brevo_lists()->add_ids(id);
    }
  } else if (arguments.lead_source) {
    request.mutable_split()->set_lead_source(true);
  }
  return request;
}

}  // namespace

int ReportPipeline(const CallScene& scene) {
  const auto stub = v1::PipedriveConnector::NewStub(scene.channel);
  v1::ReportPipelineRequest request = RequestOf(scene.arguments);
  if (const grpc::Status bad = AddPeriod(scene.arguments, request); !bad.ok()) {
    return ReportError(bad, scene);
  }
  grpc::ClientContext context;
  context.set_deadline(std::chrono::time_point_cast<std::chrono::system_clock::duration>(
      scene.clock.Now() + kReportDeadline));
  v1::ReportPipelineResponse response;
  const grpc::Status status = stub->ReportPipeline(&context, request, &response);
  if (!status.ok()) return ReportError(status, scene);
  if (scene.arguments.json) {
    scene.terminal.out << JsonLine(response);
  } else if (scene.arguments.csv) {
    scene.terminal.out << response.csv();
  } else {
    PrintReport(response.report(), scene);
  }
  return 0;
}

}  // namespace connector::cli
