#include "edge/status_page.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "base/time_format.h"
#include "edge/http_answers.h"

namespace connector::edge {
namespace {

using nlohmann::json;

// No 'unsafe-inline' anywhere: even a text that found its way into the page as markup could do
// nothing.
constexpr char kPagePolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

json TimeOrNull(const std::optional<Time>& time) {
  return time ? json(FormatTimestamp(*time)) : json(nullptr);
}

json ToJson(const AccountStatus& account) {
  json quotas = json::array();
  for (const QuotaStatus& quota : account.quotas) {
    quotas.push_back({{"limit", quota.limit},
                      {"size", quota.size},
                      {"remaining", quota.remaining},
                      {"headroom", quota.headroom},
                      {"reset_seconds", quota.reset_seconds},
                      {"estimate", quota.estimate}});
  }
  return {{"state", AccountStateName(account.state)},
          {"detail", account.detail},
          {"until", TimeOrNull(account.until)},
          {"quotas", std::move(quotas)}};
}

json ToJson(const QueueStatus& queue) {
  return {{"depth", queue.depth}, {"oldest", TimeOrNull(queue.oldest)}};
}

json ToJson(const Run& run) {
  int64_t skipped = 0;
  for (const auto& [reason, count] : run.progress.skipped) skipped += count;
  int64_t failed = 0;
  for (const auto& [reason, count] : run.progress.failed) failed += count;
  const bool full = run.options.mode == RunMode::kFull || run.progress.full;
  return {{"id", run.id},
          {"kind", RunKindName(run.kind)},
          {"mode", full ? "full" : "incremental"},
          {"dry_run", run.options.dry_run},
          {"scheduled", run.scheduled},
          {"state", RunStateName(run.state)},
          {"phase", RunPhaseName(run.progress.phase)},
          {"pages", run.progress.pages},
          {"read", run.progress.read},
          {"created", run.progress.created},
          {"updated", run.progress.updated},
          {"unchanged", run.progress.unchanged},
          {"skipped", skipped},
          {"failed", failed},
          {"created_at", FormatTimestamp(run.created_at)},
          {"started_at", TimeOrNull(run.started_at)},
          {"finished_at", TimeOrNull(run.finished_at)},
          {"error", ShortenAddresses(run.error)}};
}

json ToJson(const Failure& failure) {
  return {{"at", FormatTimestamp(failure.created_at)},
          {"entity", failure.entity},
          {"id", ShortenAddresses(failure.entity_id)},
          {"reason", FailureReasonName(failure.reason)},
          {"field", failure.field},
          {"detail", ShortenAddresses(failure.detail)},
          {"run", failure.run_id},
          {"hint", FailureHint(failure.reason)}};
}

json ToJson(const ConnectionStatus& one) {
  json runs = json::array();
  for (const Run& run : one.runs) runs.push_back(ToJson(run));
  json failures = json::array();
  for (const Failure& failure : one.failures) failures.push_back(ToJson(failure));
  return {{"connection", one.connection},
          {"pipedrive", ToJson(one.pipedrive)},
          {"brevo", ToJson(one.brevo)},
          {"queues",
           {{"contacts", ToJson(one.contacts)},
            {"inbox", ToJson(one.inbox)},
            {"outbox", ToJson(one.outbox)}}},
          {"open_imports", one.open_imports},
          {"runs", std::move(runs)},
          {"failures", std::move(failures)},
          {"failure_count", one.failure_count},
          {"last_pipedrive_webhook", TimeOrNull(one.last_pipedrive_webhook)},
          {"last_brevo_webhook", TimeOrNull(one.last_brevo_webhook)}};
}

json ToJson(const worker::StatusHistory::Snapshot& history) {
  json times = json::array();
  for (const Time at : history.times) times.push_back(FormatTimestamp(at));
  json series = json::object();
  for (const auto& [name, values] : history.series) {
    json& list = series[name] = json::array();
    for (const std::optional<double>& value : values) {
      list.push_back(value ? json(*value) : json(nullptr));
    }
  }
  return {{"times", std::move(times)}, {"series", std::move(series)}};
}

bool IsAddressPart(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c & 0x80) != 0 ||
         std::string_view("!#$%&'*+-./=?^_`{|}~").find(c) != std::string_view::npos;
}

}  // namespace

bool FindPageFile(std::string_view path, HttpResponse& answer) {
  const auto file = [&answer](std::string_view type, std::string_view body) {
    answer = PlainAnswer(200, std::string(body));
    answer.content_type = type;
    answer.headers.emplace_back("Content-Security-Policy", kPagePolicy);
    answer.headers.emplace_back("Referrer-Policy", "no-referrer");
    return true;
  };
  if (path == "/" || path == "/status") return file("text/html; charset=utf-8", kStatusHtml);
  if (path == "/status.css") return file("text/css; charset=utf-8", kStatusCss);
  if (path == "/status.js") return file("text/javascript; charset=utf-8", kStatusJs);
  return false;
}

std::string StatusJson(const ServiceStatus& status,
                       const worker::StatusHistory::Snapshot& history) {
  json connections = json::array();
  for (const ConnectionStatus& one : status.connections) connections.push_back(ToJson(one));
  const json page = {
      {"version", status.version},          {"started_at", FormatTimestamp(status.started_at)},
      {"now", FormatTimestamp(status.now)}, {"ready", status.ready},
      {"problems", status.problems},        {"connections", std::move(connections)},
      {"history", ToJson(history)}};
  return page.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string ShortenAddresses(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '@') {
      size_t begin = out.size();
      while (begin > 0 && IsAddressPart(out[begin - 1])) --begin;
      // The first letter, whole if it takes several bytes.
      size_t keep = begin;
      if (keep < out.size()) ++keep;
      while (keep < out.size() && (out[keep] & 0xC0) == 0x80) ++keep;
      if (begin < out.size()) out.replace(keep, std::string::npos, "…");
    }
    out.push_back(c);
  }
  return out;
}

std::string_view FailureHint(FailureReason reason) {
  switch (reason) {
    case FailureReason::kInvalidPhone:
      return "Correct the number in Pipedrive; the change is sent by itself.";
    case FailureReason::kInvalidEmail:
      return "Correct the address in Pipedrive; the change is sent by itself.";
    case FailureReason::kInvalidValue:
      return "Correct the value, or the type of the Brevo attribute, then retry.";
    case FailureReason::kDuplicatePhone:
    case FailureReason::kDuplicateExtId:
    case FailureReason::kIdentifierConflict:
      return "Two contacts claim it: merge the persons or clear one of them, then retry.";
    case FailureReason::kRefusedByBrevo:
    case FailureReason::kRejectedByBrevo:
    case FailureReason::kRejectedByPipedrive:
      return "The vendor refused it: mend what the detail names, then retry.";
    case FailureReason::kFieldMissing:
      return "The field is gone: correct person_mapping, or make the field again, then retry.";
    case FailureReason::kNotFound:
      return "Gone on the other side: a retry reads it again and settles it.";
    case FailureReason::kUnavailable:
    case FailureReason::kAmbiguous:
      return "Retry once the account answers; what arrived is not sent twice.";
    case FailureReason::kOtherCurrency:
      return "Give sync_options.deals.currency_rates a rate for the currency.";
    case FailureReason::kMalformedRecord:
    case FailureReason::kInternal:
      return "Retry; if it fails again, report it with the detail.";
  }
  return "Retry; if it fails again, report it with the detail.";
}

}  // namespace connector::edge
