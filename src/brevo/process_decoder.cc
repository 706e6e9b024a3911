#include "brevo/process_decoder.h"

#include <utility>

#include "brevo/errors.h"
#include "http/json.h"
#include "http/url.h"

namespace connector::brevo {
namespace {

using http::JsonValue;
using State = Process::State;

State StateOf(std::string_view status) {
  constexpr std::pair<std::string_view, State> kStates[] = {
      {"queued", State::kQueued},      {"in_process", State::kRunning},
      {"processing", State::kRunning}, {"completed", State::kCompleted},
      {"failed", State::kFailed},      {"cancelled", State::kFailed},
  };
  for (const auto& [name, state] : kStates) {
    if (name == status) return state;
  }
  return State::kUnknown;
}

Process DecodeProcess(int64_t id, JsonValue value) {
  Process process;
  process.id = id;
  process.state = StateOf(value["status"].Text().value_or(""));
  value["info"]["import"].ForEachMember([&process](std::string_view name, JsonValue report) {
    const auto text = report.Text();
    if (text && http::IsWebAddress(*text)) {
      process.reports.emplace_back(name, *text);
    } else if (const auto count = report.Integer()) {
      process.counts.emplace_back(name, *count);
    }
  });
  return process;
}

}  // namespace

absl::StatusOr<std::vector<Process>> DecodeProcesses(std::string_view body) {
  http::JsonText json;
  if (!json.Parse(body)) return Unreadable("it is not whole, valid JSON");
  const JsonValue list = json.root()["processes"];
  std::vector<Process> processes;
  list.ForEach([&processes](JsonValue value) {
    if (const auto id = value["id"].Integer()) processes.push_back(DecodeProcess(*id, value));
  });
  // An account without any job may leave the list out.
  if (list.kind() != JsonValue::Kind::kArray && json.root()["count"].Integer() != 0) {
    return Unreadable("it has no list `processes`");
  }
  return processes;
}

}  // namespace connector::brevo
