#include "edge/oauth_doors.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/strings.h"
#include "edge/http_answers.h"

namespace connector::edge {
namespace {

constexpr char kCallbackPath[] = "/oauth/callback";

HttpResponse Page(int status, const std::string& title, const std::string& text) {
  HttpResponse page = HtmlAnswer(
      status, absl::StrCat("<!doctype html><html lang=en><meta charset=utf-8>"
                           "<meta name=viewport content='width=device-width'><title>",
                           EscapeHtml(title),
                           "</title><style>:root{color-scheme:light dark;font-family:sans-serif}"
                           "</style><h1>",
                           EscapeHtml(title), "</h1><p>", EscapeHtml(text), "\n"));
  // The address of the callback holds the code.
  page.headers.emplace_back("Referrer-Policy", "no-referrer");
  return page;
}

// What went wrong, for the person in front of the browser: their own mistakes as they are, of ours
// only that the log knows more.
HttpResponse FailurePage(const absl::Status& failure) {
  const std::string text(failure.message());
  switch (failure.code()) {
    case absl::StatusCode::kInvalidArgument:
      return Page(400, "Not authorized", text);
    case absl::StatusCode::kPermissionDenied:
      return Page(403, "Not authorized", text);
    case absl::StatusCode::kUnauthenticated:
      return Page(400, "Not authorized",
                  "Pipedrive did not take the code, which is good for five minutes: begin again.");
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kInternal:
      return Page(500, "Not authorized", "A setting of this service is wrong; its log says which.");
    default:
      return Page(503, "Not authorized", "That did not work just now: begin again in a minute.");
  }
}

std::string Decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string hex(text.substr(i + 1, 2));
    const bool escaped = text[i] == '%' && hex.size() == 2 &&
                         absl::ascii_isxdigit(static_cast<unsigned char>(hex[0])) &&
                         absl::ascii_isxdigit(static_cast<unsigned char>(hex[1]));
    if (escaped) {
      out += absl::HexStringToBytes(hex);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

// The password of "Basic ..."; "" if there is none.
std::string BasicPassword(std::string_view header) {
  constexpr std::string_view kScheme = "basic ";
  std::string decoded;
  if (AsciiLower(header.substr(0, kScheme.size())) != kScheme ||
      !absl::Base64Unescape(ToAbsl(header.substr(kScheme.size())), &decoded)) {
    return "";
  }
  const size_t colon = decoded.find(':');
  return colon == std::string::npos ? "" : decoded.substr(colon + 1);
}

// A number, or digits in a text; 0 if it is neither.
int64_t Number(const nlohmann::json& body, const char* name) {
  const auto found = body.find(name);
  if (found == body.end()) return 0;
  if (found->is_number_integer()) return found->get<int64_t>();
  int64_t number = 0;
  const bool read = found->is_string() && absl::SimpleAtoi(found->get<std::string>(), &number);
  return read ? number : 0;
}

}  // namespace

std::string QueryValue(const std::string& query, std::string_view name) {
  for (const absl::string_view part : absl::StrSplit(query, '&')) {
    const std::string_view pair = ToStd(part);
    const size_t equals = pair.find('=');
    if (pair.substr(0, equals) != name) continue;
    return equals == std::string_view::npos ? "" : Decoded(pair.substr(equals + 1));
  }
  return "";
}

OAuthDoors::OAuthDoors(Options options, OAuthActions actions)
    : options_(std::move(options)),
      vendor_header_(
          absl::StrCat("Basic ", absl::Base64Escape(absl::StrCat(
                                     options_.client_id, ":", options_.client_secret.Reveal())))),
      actions_(std::move(actions)) {}

std::vector<Route> OAuthDoors::Routes() {
  const auto door = [this](void (OAuthDoors::*answer)(const HttpRequest&, const Responder&)) {
    return [this, answer](const HttpRequest& request, const Responder& respond) {
      (this->*answer)(request, respond);
    };
  };
  return {{"GET", "/oauth/authorize", door(&OAuthDoors::Authorize)},
          {"GET", kCallbackPath, door(&OAuthDoors::Callback)},
          {"DELETE", kCallbackPath, door(&OAuthDoors::Uninstalled)}};
}

void OAuthDoors::Post(const Responder& respond, std::function<HttpResponse()> work) {
  const bool taken = thread_.Post([respond, work = std::move(work)] {
    try {
      respond(work());
    } catch (...) {
      respond(PlainAnswer(500, "internal error\n"));
    }
  });
  if (!taken) respond(Page(503, "Busy", "Too many authorizations at once: try again in a minute."));
}

void OAuthDoors::Authorize(const HttpRequest& request, const Responder& respond) {
  const bool open =
      options_.authorize_password.empty() ||
      options_.authorize_password.Matches(BasicPassword(request.HeaderValue("authorization")));
  if (!open) {
    HttpResponse refusal = PlainAnswer(401, "password required\n");
    refusal.headers.emplace_back("WWW-Authenticate", "Basic realm=\"authorize\"");
    return respond(std::move(refusal));
  }
  Post(respond, [this] {
    absl::StatusOr<std::string> address = actions_.begin();
    if (!address.ok()) return FailurePage(address.status());
    HttpResponse answer = PlainAnswer(302, "");
    answer.headers.emplace_back("Location", *std::move(address));
    answer.headers.emplace_back("Referrer-Policy", "no-referrer");
    return answer;
  });
}

void OAuthDoors::Callback(const HttpRequest& request, const Responder& respond) {
  const std::string state = QueryValue(request.query, "state");
  const Secret code(QueryValue(request.query, "code"));
  if (!QueryValue(request.query, "error").empty()) {
    return Post(respond, [this, state] {
      const absl::Status denied = actions_.deny(state);
      if (!denied.ok()) return FailurePage(denied);
      return Page(403, "Not authorized",
                  "Access was denied in Pipedrive, so nothing was changed here.");
    });
  }
  if (state.empty() || code.empty()) {
    return respond(Page(400, "Not authorized",
                        "This address is where Pipedrive sends people back to; begin at "
                        "/oauth/authorize."));
  }
  Post(respond, [this, state, code] {
    const absl::Status finished = actions_.finish(state, code);
    if (!finished.ok()) return FailurePage(finished);
    return Page(200, "Authorized",
                "This service may now work with Pipedrive. You can close this page.");
  });
}

void OAuthDoors::Uninstalled(const HttpRequest& request, const Responder& respond) {
  if (!vendor_header_.Matches(request.HeaderValue("authorization"))) {
    HttpResponse refusal = PlainAnswer(401, "password required\n");
    refusal.headers.emplace_back("WWW-Authenticate", "Basic realm=\"callback\"");
    return respond(std::move(refusal));
  }
  const auto body = nlohmann::json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object()) return respond(PlainAnswer(400, "not a JSON object\n"));
  const int64_t company = Number(body, "company_id");
  const int64_t user = Number(body, "user_id");
  Post(respond, [this, company, user] {
    const absl::Status done = actions_.uninstall(company, user);
    return done.ok() ? PlainAnswer(200, "ok\n") : PlainAnswer(503, "try again\n");
  });
}

}  // namespace connector::edge
