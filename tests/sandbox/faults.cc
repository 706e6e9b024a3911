#include "faults.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace sandbox {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 18> kKinds = {"latency",
                                                     "reset",
                                                     "reset_after_commit",
                                                     "truncate",
                                                     "garbage",
                                                     "html403",
                                                     "429burst",
                                                     "429daily",
                                                     "500",
                                                     "502",
                                                     "503",
                                                     "500_after_commit",
                                                     "200_null",
                                                     "401",
                                                     "import_half_fails",
                                                     "400",
                                                     "cursor_expired",
                                                     "404"};

Reply Json(int status, const json& body) {
  Reply reply;
  reply.status = status;
  reply.body = body.dump();
  return reply;
}

Reply PipedriveError(int status, const std::string& error) {
  return Json(status, {{"success", false},
                       {"error", error},
                       {"error_info", "Please try again"},
                       {"data", nullptr},
                       {"additional_data", nullptr}});
}

Reply ErrorOf(bool brevo, int status, const std::string& code, const std::string& message) {
  return brevo ? Json(status, {{"code", code}, {"message", message}})
               : PipedriveError(status, message);
}

Reply TooMany(bool brevo, bool daily) {
  Reply reply = ErrorOf(brevo, 429, "too_many_requests", "Request over limit");
  if (brevo) {
    reply.headers = {{"x-sib-ratelimit-limit", daily ? "100" : "10"},
                     {"x-sib-ratelimit-remaining", "0"},
                     {"x-sib-ratelimit-reset", daily ? "30" : "1"}};
  } else {
    reply.headers = {{"x-ratelimit-limit", "40"},
                     {"x-ratelimit-remaining", daily ? "39" : "0"},
                     {"x-ratelimit-reset", daily ? "2" : "1"},
                     {"x-daily-ratelimit-token-limit", "60000"},
                     {"x-daily-ratelimit-token-remaining", daily ? "0" : "50000"}};
  }
  return reply;
}

}  // namespace

Reply EdgeBlockPage() {
  Reply reply;
  reply.status = 403;
  reply.content_type = "text/html; charset=UTF-8";
  reply.headers = {{"server", "cloudflare"}};
  reply.body =
      "<!DOCTYPE html>\n<html><head><title>Attention Required! | Cloudflare</title></head>\n"
      "<body><h1>Sorry, you have been blocked</h1>\n"
      "<p>You are unable to access pipedrive.com</p><p>Error 1015</p></body></html>\n";
  return reply;
}

std::string Faults::Add(const json& body) {
  const json list = body.is_array()          ? body
                    : body.contains("rules") ? body["rules"]
                                             : json::array({body});
  for (const json& item : list) {
    if (!item.is_object()) return "a rule is an object";
    FaultRule rule;
    const json match = item.value("match", json::object());
    rule.api = match.value("api", "");
    rule.method = match.value("method", "");
    rule.path_prefix = match.value("path_prefix", "");
    rule.kind = item.value("kind", "");
    if (std::find(kKinds.begin(), kKinds.end(), rule.kind) == kKinds.end()) {
      return "unknown kind " + rule.kind;
    }
    rule.count = item.value("count", int64_t{1});
    rule.skip = item.value("skip", int64_t{0});
    rule.probability = item.value("probability", 1.0);
    rule.delay_s = item.value("delay_s", 0.0);
    rules_.push_back(rule);
  }
  return "";
}

json Faults::List() const {
  json out = json::array();
  for (const FaultRule& r : rules_) {
    out.push_back(
        {{"match", {{"api", r.api}, {"method", r.method}, {"path_prefix", r.path_prefix}}},
         {"kind", r.kind},
         {"count", r.count},
         {"skip", r.skip},
         {"probability", r.probability},
         {"delay_s", r.delay_s}});
  }
  return out;
}

std::optional<FaultRule> Faults::Strike(const std::string& api, const Request& request) {
  for (FaultRule& rule : rules_) {
    if (rule.count == 0 || (!rule.api.empty() && rule.api != api)) continue;
    if (!rule.method.empty() && rule.method != request.method) continue;
    if (request.path.rfind(rule.path_prefix, 0) != 0) continue;
    const bool paged = request.target.find("cursor=") != std::string::npos;
    if (rule.kind == "cursor_expired" && !paged) continue;
    if (rule.skip > 0) {
      --rule.skip;
      continue;
    }
    if (!random_.Chance(rule.probability)) continue;
    if (rule.count > 0) --rule.count;
    return rule;
  }
  return std::nullopt;
}

std::optional<Reply> ReplyInstead(const FaultRule& rule, bool brevo) {
  const std::string& kind = rule.kind;
  Reply reply;
  if (kind == "reset") {
    reply.ending = Ending::kReset;
  } else if (kind == "garbage") {
    reply.body = "{\"success\":tru\x01\xff<<< not JSON";
  } else if (kind == "html403") {
    reply = EdgeBlockPage();
  } else if (kind == "429burst" || kind == "429daily") {
    reply = TooMany(brevo, kind == "429daily");
  } else if (kind == "500") {
    reply = ErrorOf(brevo, 500, "internal_error", "Internal server error");
  } else if (kind == "502" || kind == "503") {
    reply.status = kind == "502" ? 502 : 503;
    reply.content_type = "text/html";
    reply.body = "<html><body><h1>Service Temporarily Unavailable</h1></body></html>";
  } else if (kind == "200_null") {
    reply.body = "null";
  } else if (kind == "400" || kind == "404") {
    reply = ErrorOf(brevo, kind == "400" ? 400 : 404, "invalid_parameter", "Spoiled on purpose");
  } else if (kind == "401") {
    reply = brevo ? Json(401, {{"code", "unauthorized"}, {"message", "Key not found"}})
                  : Json(401, {{"success", false},
                               {"error", "unauthorized access"},
                               {"errorCode", 401},
                               {"error_info", "Please check developers.pipedrive.com"}});
  } else if (kind == "cursor_expired") {
    reply = PipedriveError(400, "Invalid cursor");
  } else {
    return std::nullopt;
  }
  reply.delay = static_cast<Micros>(rule.delay_s * kSecond);
  return reply;
}

void SpoilReply(const FaultRule& rule, Reply& reply) {
  reply.delay += static_cast<Micros>(rule.delay_s * kSecond);
  if (rule.kind == "truncate") reply.ending = Ending::kTruncate;
  if (rule.kind == "reset_after_commit") reply.ending = Ending::kReset;
  if (rule.kind == "500_after_commit") {
    reply.status = 500;
    reply.body = R"({"message":"Internal server error"})";
  }
}

}  // namespace sandbox
