// status: how a server and its accounts are, for a terminal.

#include <google/protobuf/util/time_util.h>

#include <ostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cli/call.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "pipedrive_connector/v1/operations.grpc.pb.h"

namespace connector::cli {
namespace {

// "credential refused".
std::string Words(v1::AccountState state) {
  const std::string name = v1::AccountState_Name(state).substr(sizeof("ACCOUNT_STATE_") - 1);
  return absl::StrReplaceAll(absl::AsciiStrToLower(name), {{"_", " "}});
}

double Age(const google::protobuf::Timestamp& time, Time now) {
  const int64_t then = google::protobuf::util::TimeUtil::TimestampToMicroseconds(time);
  return std::chrono::duration<double>(now.time_since_epoch()).count() -
         static_cast<double>(then) / 1e6;
}

void PrintAccount(const v1::AccountStatus& account, const char* name, Time now,
                  const Terminal& terminal) {
  const bool ok = account.state() == v1::ACCOUNT_STATE_OK;
  terminal.out << "  " << name << ": "
               << Coloured(Words(account.state()), ok ? "32" : "31", terminal.out_is_terminal);
  if (account.has_until()) {
    terminal.out << " for " << ShortDuration(std::max(0.0, -Age(account.until(), now)));
  }
  terminal.out << "\n";
  if (!account.detail().empty()) terminal.out << "    " << Printable(account.detail()) << "\n";
  Table table({"LIMIT", "LEFT", "OF", "FULL IN", ""});
  for (const v1::QuotaStatus& quota : account.quotas()) {
    table.Add({Printable(quota.limit()), Grouped(quota.remaining()), Grouped(quota.size()),
               ShortDuration(quota.reset_seconds()), quota.estimate() ? "own count" : ""});
  }
  if (account.quotas_size() > 0) terminal.out << table.Text("    ");
}

void PrintQueues(const v1::ConnectionStatus& one, Time now, const Terminal& terminal) {
  terminal.out << "  waiting: " << Grouped(one.dirty_contacts()) << " contacts";
  if (one.has_oldest_dirty_at()) {
    terminal.out << " (the oldest for " << ShortDuration(Age(one.oldest_dirty_at(), now)) << ")";
  }
  terminal.out << ", " << Grouped(one.inbox_depth()) << " webhooks, " << Grouped(one.outbox_depth())
               << " events; " << Grouped(one.failures()) << " failures\n";
  if (one.has_last_pipedrive_webhook_at()) {
    terminal.out << "  last webhook of Pipedrive: " << TimeText(one.last_pipedrive_webhook_at())
                 << "\n";
  }
  if (one.has_last_brevo_webhook_at()) {
    terminal.out << "  last webhook of Brevo: " << TimeText(one.last_brevo_webhook_at()) << "\n";
  }
}

void PrintRuns(const v1::ConnectionStatus& one, const Terminal& terminal) {
  Table table({"RUN", "KIND", "STATE", "PHASE", "READ", "WRITTEN", "ENDED", "ERROR"});
  for (const v1::RunProgress& run : one.runs()) {
    table.Add({run.run_id(), Name(run.kind()), Name(run.state()), Name(run.phase()),
               Grouped(run.read()), Grouped(run.created() + run.updated()),
               TimeText(run.finished_at()), Printable(run.error())});
  }
  if (one.runs_size() > 0) terminal.out << table.Text("  ");
}

void Print(const v1::ServiceStatus& status, Time now, const Terminal& terminal) {
  const bool well = status.ready() && status.problems().empty();
  terminal.out << "pipedrive-connector " << Printable(status.version()) << ", since "
               << TimeText(status.started_at()) << " UTC: "
               << Coloured(status.ready() ? "ready" : "not ready", well ? "32" : "31",
                           terminal.out_is_terminal)
               << "\n";
  for (const std::string& problem : status.problems()) {
    terminal.out << "! " << Printable(problem) << "\n";
  }
  for (const v1::ConnectionStatus& one : status.connections()) {
    terminal.out << Printable(one.connection()) << "\n";
    PrintAccount(one.pipedrive(), "pipedrive", now, terminal);
    PrintAccount(one.brevo(), "brevo", now, terminal);
    PrintQueues(one, now, terminal);
    PrintRuns(one, terminal);
  }
}

}  // namespace

int ShowStatus(const CallScene& scene) {
  const auto stub = v1::Operations::NewStub(scene.channel);
  grpc::ClientContext context;
  SetDeadline(context, scene.clock);
  v1::GetStatusRequest request;
  request.set_connection(scene.arguments.connection);
  v1::GetStatusResponse response;
  const grpc::Status called = stub->GetStatus(&context, request, &response);
  if (!called.ok()) return ReportError(called, scene);
  const v1::ServiceStatus& status = response.status();
  if (scene.arguments.json) {
    scene.terminal.out << JsonLine(status);
  } else {
    Print(status, scene.clock.Now(), scene.terminal);
  }
  return status.ready() && status.problems().empty() ? 0 : 1;
}

}  // namespace connector::cli
