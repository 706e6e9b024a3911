#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/secret.h"
#include "edge/page_thread.h"
#include "edge/public.h"

namespace connector::edge {

// What the doors do. Called on the doors' own thread, one at a time; may block.
struct OAuthActions {
  // Begins an authorization; the address to send the browser to.
  std::function<absl::StatusOr<std::string>()> begin;
  std::function<absl::Status(const std::string& state, const Secret& code)> finish;
  std::function<absl::Status(const std::string& state)> deny;
  std::function<absl::Status(int64_t company_id, int64_t user_id)> uninstall;
};

// The browser's side of OAuth 2.0 on the public listener:
//   GET /oauth/authorize      sends it to the vendor, after a password if one is configured
//   GET /oauth/callback       where the vendor sends it back to, with a code or a refusal
//   DELETE /oauth/callback    the vendor's own note that a user uninstalled the app
// Pages are plain and never repeat a code or state. Must outlive the listener that has its routes.
class OAuthDoors {
 public:
  struct Options {
    Secret authorize_password;  // "" = anybody may begin
    std::string client_id;
    Secret client_secret;  // the vendor proves itself with both
  };

  OAuthDoors(Options options, OAuthActions actions);

  std::vector<Route> Routes();

  // Ends the action under way; later requests are answered with 503.
  void Stop() { thread_.Stop(); }

 private:
  // Does `work`, which makes the answer, on the doors' thread.
  void Post(const Responder& respond, std::function<HttpResponse()> work);
  void Authorize(const HttpRequest& request, const Responder& respond);
  void Callback(const HttpRequest& request, const Responder& respond);
  void Uninstalled(const HttpRequest& request, const Responder& respond);

  const Options options_;
  const Secret vendor_header_;  // "Basic ..."
  const OAuthActions actions_;
  PageThread thread_;
};

// The first value of `name` in a query, decoded; "" if there is none.
std::string QueryValue(const std::string& query, std::string_view name);

}  // namespace connector::edge
