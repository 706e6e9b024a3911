#include "edge/door_answers.h"

#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "edge/http_answers.h"

namespace connector::edge {
namespace {

std::string_view OutcomeName(worker::IntakeOutcome outcome) {
  switch (outcome) {
    case worker::IntakeOutcome::kAccepted:
      return "accepted";
    case worker::IntakeOutcome::kDuplicate:
      return "duplicate";
    case worker::IntakeOutcome::kIgnored:
      return "ignored";
    case worker::IntakeOutcome::kApplied:
      break;
  }
  return "applied";
}

HttpResponse JsonAnswer(int status, const nlohmann::json& body) {
  // What a sender wrote and we repeat need not be UTF-8.
  HttpResponse answer = PlainAnswer(
      status, body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  answer.content_type = "application/json";
  return answer;
}

}  // namespace

bool IsJson(const HttpRequest& request) {
  const std::string_view encoding = request.HeaderValue("content-encoding");
  if (!encoding.empty() && AsciiLower(encoding) != "identity") return false;
  const std::string_view header = request.HeaderValue("content-type");
  const std::string type = AsciiLower(Trim(header.substr(0, header.find(';'))));
  return header.empty() || type == "application/json" ||
         (type.starts_with("application/") && type.ends_with("+json"));
}

HttpResponse RefusalAnswer(int status, std::string_view error) {
  return JsonAnswer(status, {{"error", error}});
}

HttpResponse OutcomeAnswer(const worker::IntakeAnswer& answer) {
  nlohmann::json body = {{"outcome", OutcomeName(answer.outcome)}, {"event_id", answer.key}};
  if (!answer.detail.empty()) body["detail"] = answer.detail;
  return JsonAnswer(200, body);
}

}  // namespace connector::edge
