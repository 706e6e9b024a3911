#include "gateway.h"

#include "random.h"
#include "replies.h"
#include "routes.h"
#include "text.h"

namespace sandbox {
namespace {

bool StartsWith(const std::string& text, std::string_view prefix) {
  return text.rfind(prefix, 0) == 0;
}

// /v1/persons is /api/v1/persons.
std::string CanonicalPath(const std::string& path) {
  return StartsWith(path, "/v1/") ? "/api" + path : path;
}

bool IsSearch(const std::string& path) {
  return Contains(path, "/itemSearch") || path.ends_with("/search");
}

bool HasSecretInUrl(const std::string& target) {
  const std::string lower = Lower(target);
  return Contains(lower, "api_token=") || Contains(lower, "api_key=") ||
         Contains(lower, "api-key=") || Contains(lower, "access_token=") ||
         Contains(lower, "refresh_token=") || Contains(lower, "client_secret=");
}

Reply TooManyPipedrive(const Judgement& judgement) {
  if (judgement.verdict == Verdict::kBlocked) return EdgeBlockPage();
  Reply reply = PipedriveFail(429, "Request over limit");
  reply.headers = judgement.headers;
  return reply;
}

}  // namespace

Gateway::Gateway(World& world) : world_(world) {
  AddPipedrivePersonRoutes(world, pipedrive_);
  AddPipedriveRecordRoutes(world, pipedrive_);
  AddPipedriveWriteRoutes(world, pipedrive_);
  AddPipedriveSearchRoutes(world, pipedrive_);
  AddPipedriveFieldRoutes(world, pipedrive_);
  AddPipedriveLeadRoutes(world, pipedrive_);
  AddPipedriveV1Routes(world, pipedrive_);
  AddPipedriveWebhookRoutes(world, pipedrive_, control_);
  AddBrevoContactRoutes(world, brevo_);
  AddBrevoImportRoutes(world, brevo_);
  AddBrevoListRoutes(world, brevo_);
  AddBrevoAccountRoutes(world, brevo_);
  AddBrevoEventRoutes(world, brevo_);
  AddBrevoWebhookRoutes(world, brevo_);
  AddOauthRoutes(world, oauth_);
  AddControlRoutes(world, control_);
}

Reply Gateway::Handle(Request request) {
  request.ParseTarget();
  world_.scheduler.RunDue();
  Reply reply;
  if (StartsWith(request.path, "/sandbox/")) {
    reply = HandleControl(request);
  } else if (StartsWith(request.path, "/api/") || StartsWith(request.path, "/v1/")) {
    reply = HandleApi(request, Api::kPipedrive);
  } else if (StartsWith(request.path, "/v3/")) {
    reply = HandleApi(request, Api::kBrevo);
  } else if (StartsWith(request.path, "/oauth/")) {
    reply = HandleApi(request, Api::kOauth);
  } else {
    reply = JsonReply(404, {{"error", "no such path"}});
  }
  reply.headers.emplace_back("Date", FormatHttpDate(world_.clock.NowSeconds()));
  return reply;
}

Reply Gateway::HandleReports(Request request) {
  request.ParseTarget();
  world_.scheduler.RunDue();
  if (!request.Header("api-key").empty() || !request.Header("x-api-token").empty() ||
      !request.Header("authorization").empty() || HasSecretInUrl(request.target)) {
    ++world_.stats.credential_violations;
  }
  const auto it = world_.brevo.reports.find(request.path);
  Reply reply;
  if (it == world_.brevo.reports.end()) {
    reply.status = 404;
    reply.content_type = "application/xml";
    reply.body = "<Error><Code>NoSuchKey</Code></Error>";
  } else {
    ++world_.stats.reports_served;
    reply.content_type = "text/csv";
    reply.body = it->second;
  }
  reply.headers.emplace_back("Date", FormatHttpDate(world_.clock.NowSeconds()));
  return reply;
}

Reply Gateway::HandleControl(const Request& request) {
  const Router::Match match = control_.Find(request.method, request.path);
  if (match.route == nullptr) return JsonReply(404, {{"error", "no such control call"}});
  try {
    return match.route->handler(Call{request, match.params});
  } catch (const nlohmann::json::exception& e) {
    return JsonReply(400, {{"error", e.what()}});
  }
}

Reply Gateway::HandleApi(const Request& request, Api api) {
  Router& router = api == Api::kBrevo ? brevo_ : api == Api::kOauth ? oauth_ : pipedrive_;
  const Router::Match match = router.Find(request.method, CanonicalPath(request.path));
  Answer answer = Exchange(request, api, match);
  Reply& reply = answer.reply;
  if (world_.options.latency_ms > 0) {
    reply.delay += static_cast<Micros>(world_.options.latency_ms * 1000);
  }
  if (answer.fault) ++world_.stats.faults;
  if (HasSecretInUrl(request.target)) ++world_.stats.credential_violations;
  Account(request, api, match, reply);
  // The token endpoint isn't in the descriptions, and its bodies are secrets.
  if (api != Api::kOauth) {
    world_.traffic.Record(api == Api::kBrevo ? "brevo" : "pipedrive", request, reply, answer.fault);
  }
  return reply;
}

Gateway::Answer Gateway::Exchange(const Request& request, Api api, const Router::Match& match) {
  const bool brevo = api == Api::kBrevo;
  const std::string name = brevo ? "brevo" : api == Api::kOauth ? "oauth" : "pipedrive";
  const auto fault = world_.faults.Strike(name, request);
  if (fault) {
    if (auto instead = ReplyInstead(*fault, brevo)) return {std::move(*instead), true};
  }
  const bool half = fault && fault->kind == "import_half_fails";
  Answer answer{Serve(request, api, match, half), false};
  if (fault) {
    SpoilReply(*fault, answer.reply);
    answer.fault = !half && fault->kind != "latency";
  }
  return answer;
}

Reply Gateway::Serve(const Request& request, Api api, const Router::Match& match, bool half) {
  const Call call{request, match.params, half};
  try {
    switch (api) {
      case Api::kBrevo:
        return ServeBrevo(request, call, match);
      case Api::kOauth:
        if (match.route == nullptr) return JsonReply(404, {{"error", "not_found"}});
        return match.route->handler(call);
      default:
        return ServePipedrive(request, call, match);
    }
  } catch (const nlohmann::json::exception& e) {
    return api == Api::kBrevo ? BrevoFail(400, "bad_request", "Input must be valid JSON")
                              : PipedriveFail(400, "Bad request: malformed body");
  }
}

bool Gateway::PipedriveCredential(const Request& request, std::string& credential, bool& oauth) {
  // A token in the URL is turned down even beside a good header.
  if (HasSecretInUrl(request.target)) return false;
  credential = request.Header("x-api-token");
  if (!credential.empty()) return credential == world_.options.api_token;
  const std::string authorization = request.Header("authorization");
  if (!StartsWith(authorization, "Bearer ")) return false;
  credential = authorization.substr(7);
  oauth = true;
  const auto it = world_.access_tokens.find(credential);
  return it != world_.access_tokens.end() && world_.clock.Now() < it->second;
}

Reply Gateway::ServePipedrive(const Request& request, const Call& call,
                              const Router::Match& match) {
  std::string credential;
  bool oauth = false;
  if (!PipedriveCredential(request, credential, oauth)) return PipedriveUnauthorized();
  const int cost = match.route == nullptr ? 1 : match.route->cost;
  const Judgement judgement = world_.pipedrive_limits.Admit(
      credential, oauth, IsSearch(request.path), cost, world_.clock.Now());
  switch (judgement.verdict) {
    case Verdict::kPass:
      break;
    case Verdict::kSearch:
      ++world_.stats.too_many_search;
      break;
    case Verdict::kDaily:
      ++world_.stats.too_many_daily;
      break;
    case Verdict::kBlocked:
      ++world_.stats.edge_blocks;
      break;
    default:
      ++world_.stats.too_many_burst;
  }
  if (judgement.verdict != Verdict::kPass) return TooManyPipedrive(judgement);
  Reply reply;
  if (match.route == nullptr) {
    reply = match.path_exists ? PipedriveFail(405, "Method not allowed")
                              : PipedriveFail(404, "Unknown method .");
  } else if (const std::string name = UnknownQuery(*match.route, request); !name.empty()) {
    reply = PipedriveFail(400, "Unknown query parameter " + name, "ERR_SCHEMA_VALIDATION_FAILED");
  } else {
    reply = match.route->handler(call);
  }
  reply.headers.insert(reply.headers.end(), judgement.headers.begin(), judgement.headers.end());
  return reply;
}

Reply Gateway::ServeBrevo(const Request& request, const Call& call, const Router::Match& match) {
  const std::string key = request.Header("api-key");
  if (key.empty()) {
    return BrevoFail(401, "unauthorized", "authentication not found in headers");
  }
  if (key != world_.options.api_key) return BrevoFail(401, "unauthorized", "Key not found");
  const std::string bucket = BrevoLimits::BucketOf(request.method, request.path);
  const Judgement judgement = world_.brevo_limits.Admit(bucket, world_.clock.Now());
  Reply reply;
  if (judgement.verdict != Verdict::kPass) {
    ++(judgement.verdict == Verdict::kHour ? world_.stats.too_many_brevo_hour
                                           : world_.stats.too_many_brevo_second);
    reply = BrevoFail(429, "too_many_requests", "Too many requests. Please try again later");
  } else if (match.route == nullptr) {
    reply = match.path_exists ? BrevoFail(405, "method_not_allowed", "Method not allowed")
                              : BrevoFail(404, "document_not_found", "Resource not found");
  } else if (const std::string name = UnknownQuery(*match.route, request); !name.empty()) {
    reply = BrevoInvalid("Unknown query parameter " + name);
  } else {
    reply = match.route->handler(call);
  }
  reply.headers.insert(reply.headers.end(), judgement.headers.begin(), judgement.headers.end());
  return reply;
}

void Gateway::Account(const Request& request, Api api, const Router::Match& match,
                      const Reply& reply) {
  Stats& stats = world_.stats;
  const bool brevo = api == Api::kBrevo;
  const std::string pattern = match.route == nullptr ? "unknown" : match.route->pattern;
  ++(brevo ? stats.brevo_calls : stats.pipedrive_calls)[request.method + " " + pattern];
  ++stats.statuses[(brevo ? "brevo " : "pipedrive ") + std::to_string(reply.status)];
  if (reply.status == 401) ++stats.unauthorized;
  if (request.method != "GET" && api != Api::kOauth) {
    ++(brevo ? stats.brevo_writes : stats.pipedrive_writes);
  }
  stats.bytes_in += static_cast<int64_t>(request.body.size());
  stats.bytes_out += static_cast<int64_t>(reply.body.size());
}

}  // namespace sandbox
