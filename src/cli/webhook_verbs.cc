// webhooks ensure, webhooks list.

#include <ostream>

#include "cli/call.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "pipedrive_connector/v1/operations.grpc.pb.h"
#include "pipedrive_connector/v1/records.grpc.pb.h"

namespace connector::cli {
namespace {

namespace v1 = ::pipedrive_connector::v1;

const char* Word(v1::WebhookAction action, bool dry_run) {
  switch (action) {
    case v1::WEBHOOK_ACTION_KEPT:
      return "keep";
    case v1::WEBHOOK_ACTION_CREATED:
      return dry_run ? "would create" : "created";
    case v1::WEBHOOK_ACTION_REMOVED:
      return dry_run ? "would remove" : "removed";
    case v1::WEBHOOK_ACTION_REPLACED:
      return dry_run ? "would replace" : "replaced";
    default:
      return "?";
  }
}

const char* State(const v1::Webhook& one) {
  if (!one.is_active()) return "off";
  if (!one.has_last_delivery_time()) return "new";
  return one.last_http_status() >= 200 && one.last_http_status() < 300 ? "ok" : "failing";
}

}  // namespace

int WebhooksEnsure(const CallScene& scene) {
  const auto stub = v1::Operations::NewStub(scene.channel);
  grpc::ClientContext context;
  SetDeadline(context, scene.clock);
  v1::EnsureWebhooksRequest request;
  request.set_connection(scene.arguments.connection);
  request.set_dry_run(scene.arguments.dry_run);
  v1::EnsureWebhooksResponse response;
  const grpc::Status status = stub->EnsureWebhooks(&context, request, &response);
  if (!status.ok()) return ReportError(status, scene);
  if (scene.arguments.json) {
    scene.terminal.out << JsonLine(response);
    return response.warnings().empty() ? 0 : 1;
  }
  Table table({"WEBHOOK", "ID", "", "WHY"});
  for (const v1::WebhookChange& change : response.changes()) {
    table.Add({Printable(change.event()),
               change.webhook_id() == 0 ? "" : std::to_string(change.webhook_id()),
               Word(change.action(), scene.arguments.dry_run), Printable(change.detail())});
  }
  if (response.changes_size() > 0) scene.terminal.out << table.Text();
  for (const std::string& warning : response.warnings()) {
    scene.terminal.err << Printable(warning) << "\n";
  }
  return response.warnings().empty() ? 0 : 1;
}

int WebhooksList(const CallScene& scene) {
  const auto stub = v1::PipedriveRecords::NewStub(scene.channel);
  grpc::ClientContext context;
  SetDeadline(context, scene.clock);
  v1::ListWebhooksRequest request;
  request.set_connection(scene.arguments.connection);
  v1::ListWebhooksResponse response;
  const grpc::Status status = stub->ListWebhooks(&context, request, &response);
  if (!status.ok()) return ReportError(status, scene);
  Table table({"WEBHOOK", "ID", "VERSION", "OURS", "STATE", "ANSWERED", "LAST DELIVERY", "URL"});
  for (const v1::Webhook& one : response.webhooks()) {
    if (scene.arguments.json) scene.terminal.out << JsonLine(one);
    table.Add({Printable(one.event_action() + "." + one.event_object()), std::to_string(one.id()),
               Printable(one.version()), one.ours() ? "yes" : "no", State(one),
               one.last_http_status() == 0 ? "" : std::to_string(one.last_http_status()),
               one.has_last_delivery_time() ? TimeText(one.last_delivery_time()) : "",
               Printable(one.url())});
  }
  if (scene.arguments.json) return 0;
  scene.terminal.out << (response.webhooks_size() > 0 ? table.Text() : "no webhooks\n");
  return 0;
}

}  // namespace connector::cli
