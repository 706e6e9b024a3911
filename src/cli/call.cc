#include "cli/call.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>

#include <array>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "base/time_format.h"
#include "cli/table.h"

namespace connector::cli {
namespace {

std::string ToJson(const google::protobuf::Message& message, bool indented) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = !indented;
  options.add_whitespace = indented;
  std::string json;
  // Fails only for a malformed Any or Struct, of which the contract makes none.
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) json = "{}";
  if (!json.ends_with('\n')) json += '\n';
  return json;
}

std::string Hint(const grpc::Status& status, const std::string& address) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
      return "is `pipedrive-connector serve` running at " + address +
             "? --address HOST:PORT names another place, and --tls-ca a server with TLS";
    case grpc::StatusCode::UNAUTHENTICATED:
      return "set PIPEDRIVE_CONNECTOR_TOKEN or --token-file to one of the server's tokens";
    case grpc::StatusCode::UNIMPLEMENTED:
      return "the release at " + address + " can't do this yet";
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return "the server at " + address + " didn't answer in time";
    default:
      return "";
  }
}

std::string_view CodeName(grpc::StatusCode code) {
  static constexpr std::array<std::string_view, 17> kNames = {"OK",
                                                              "CANCELLED",
                                                              "UNKNOWN",
                                                              "INVALID_ARGUMENT",
                                                              "DEADLINE_EXCEEDED",
                                                              "NOT_FOUND",
                                                              "ALREADY_EXISTS",
                                                              "PERMISSION_DENIED",
                                                              "RESOURCE_EXHAUSTED",
                                                              "FAILED_PRECONDITION",
                                                              "ABORTED",
                                                              "OUT_OF_RANGE",
                                                              "UNIMPLEMENTED",
                                                              "INTERNAL",
                                                              "UNAVAILABLE",
                                                              "DATA_LOSS",
                                                              "UNAUTHENTICATED"};
  const auto index = static_cast<size_t>(code);
  return index < kNames.size() ? kNames[index] : "UNKNOWN";
}

}  // namespace

void SetDeadline(grpc::ClientContext& context, const Clock& clock) {
  context.set_deadline(std::chrono::time_point_cast<std::chrono::system_clock::duration>(
      clock.Now() + kCallDeadline));
}

grpc::Status ReadTime(const char* flag, const std::string& text, google::protobuf::Timestamp& out) {
  const auto time = ParseTime(IsCalendarDate(text) ? text + "T00:00:00Z" : text);
  if (!time) {
    return {grpc::StatusCode::INVALID_ARGUMENT,
            absl::StrCat(flag, ": \"", text, "\" is no day or time such as 2026-11-24")};
  }
  out = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(time->time_since_epoch().count());
  return grpc::Status::OK;
}

int ReportError(const grpc::Status& status, const CallScene& scene) {
  std::ostream& err = scene.terminal.err;
  err << "error: " << CodeName(status.error_code());
  if (!status.error_message().empty()) err << ": " << Printable(status.error_message());
  err << "\n";
  const std::string hint = Hint(status, scene.arguments.address);
  if (!hint.empty()) err << "  " << hint << "\n";
  return 1;
}

std::string JsonLine(const google::protobuf::Message& message) { return ToJson(message, false); }

std::string JsonText(const google::protobuf::Message& message) { return ToJson(message, true); }

int RunCall(const CallScene& scene) {
  switch (scene.arguments.verb) {
    case Verb::kSyncPersons:
      return SyncPersons(scene);
    case Verb::kSyncDeals:
      return SyncDeals(scene);
    case Verb::kSyncOrganizations:
      return SyncOrganizations(scene);
    case Verb::kSyncActivities:
      return SyncActivities(scene);
    case Verb::kSyncLeads:
      return SyncLeads(scene);
    case Verb::kRunsList:
      return RunsList(scene);
    case Verb::kRunsWatch:
      return RunsWatch(scene);
    case Verb::kRunsCancel:
      return RunsCancel(scene);
    case Verb::kFailuresList:
      return FailuresList(scene);
    case Verb::kFailuresRetry:
      return FailuresRetry(scene);
    case Verb::kSearch:
      return Search(scene);
    case Verb::kMapStage:
      return MapStage(scene);
    case Verb::kReportPipeline:
      return ReportPipeline(scene);
    case Verb::kWebhooksEnsure:
      return WebhooksEnsure(scene);
    case Verb::kWebhooksList:
      return WebhooksList(scene);
    case Verb::kRecords:
      return Records(scene);
    case Verb::kPipelines:
      return Pipelines(scene);
    case Verb::kStages:
      return Stages(scene);
    case Verb::kFields:
      return Fields(scene);
    case Verb::kRecents:
      return Recents(scene);
    case Verb::kExplainPerson:
      return ExplainPerson(scene);
    case Verb::kExplainContact:
      return ExplainContact(scene);
    case Verb::kReconcile:
      return Reconcile(scene);
    case Verb::kExport:
      return Export(scene);
    case Verb::kErase:
      return Erase(scene);
    case Verb::kDuplicatesList:
      return DuplicatesList(scene);
    case Verb::kDuplicatesMerge:
      return DuplicatesMerge(scene);
    case Verb::kHealth:
      return Health(scene);
    case Verb::kStatus:
      return ShowStatus(scene);
    case Verb::kServe:
    case Verb::kCheck:
    case Verb::kBackup:
      break;
  }
  return 2;
}

}  // namespace connector::cli
