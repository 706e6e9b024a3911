#pragma once

// OAuth on a store in memory, a clock that stands still and an OAuth server that is a function.

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/status.h"
#include "store/sql_store.h"
#include "sync/authorization.h"
#include "sync/oauth_credential.h"

namespace connector::sync {

// Answers every call by `answer` and keeps the bodies it was sent. Any thread.
class OAuthServer : public http::Caller {
 public:
  using Answer = std::function<http::Response(const http::Request&)>;

  static http::Response Json(int status, std::string body) {
    return {status, {{"content-type", "application/json"}}, std::move(body)};
  }
  // "access-N" for the N-th call; the refresh token stays.
  http::Response Tokens() {
    return Json(200, R"({"access_token":"access-)" + std::to_string(calls()) +
                         R"(","refresh_token":"refresh","scope":"base","expires_in":3600,)" +
                         R"("api_domain":"https://acme.pipedrive.com"})");
  }

  absl::StatusOr<http::Response> Call(const quota::Operation&, const http::Request& request,
                                      const http::CallContext&,
                                      const http::Classifier& classify) override {
    Answer current;
    {
      const std::lock_guard lock(mutex_);
      bodies_.emplace_back(request.body);
      current = answer;
    }
    const http::Response response = current(request);
    if (response.status == 0) {
      return WithReaction(absl::UnavailableError("no answer"), Reaction::kRetry);
    }
    CONNECTOR_RETURN_IF_ERROR(classify(response));
    return response;
  }

  size_t calls() const {
    const std::lock_guard lock(mutex_);
    return bodies_.size();
  }
  std::string last_body() const {
    const std::lock_guard lock(mutex_);
    return bodies_.empty() ? "" : bodies_.back();
  }

  Answer answer = [this](const http::Request&) { return Tokens(); };

 private:
  mutable std::mutex mutex_;  // guards bodies_
  std::vector<std::string> bodies_;
};

class OAuthFixture : public testing::Test {
 protected:
  static constexpr char kConnection[] = "main";

  // One process among its replicas.
  std::unique_ptr<OAuthCredential> MakeReplica(const std::string& owner) {
    return std::make_unique<OAuthCredential>(Options(owner), Parts());
  }
  OAuthOptions Options(const std::string& owner) {
    return {kConnection,
            owner,
            "https://me.example/oauth/authorize",
            {"https://acme.pipedrive.com", "acme"}};
  }
  OAuthParts Parts() { return {*store, client, clock, log, metrics}; }

  // As the exchange of a code would leave it, an hour long.
  void Grant(const std::string& access = "access-0") {
    pipedrive::OAuthTokens tokens{Secret(access), Secret("refresh"), "https://acme.pipedrive.com",
                                  "base", std::chrono::hours(1)};
    EXPECT_TRUE(store->PutGrant(kConnection, MakeGrant(tokens, {}, clock.Now())).ok());
  }
  static std::string TokenOf(const absl::StatusOr<http::Access>& access) {
    return access.ok() ? access->secret.Reveal() : std::string(access.status().ToString());
  }
  bool Logged(const std::string& text) const {
    for (const std::string& line : lines) {
      if (line.find(text) != std::string::npos) return true;
    }
    return false;
  }

  ManualClock clock;
  std::vector<std::string> lines;
  Logger log{clock, LogLevel::kDebug, [this](std::string_view line) { lines.emplace_back(line); }};
  metrics::Registry registry;
  metrics::OAuthMetrics metrics{registry};
  OAuthServer server;
  pipedrive::OAuthClient client{
      {"https://oauth.pipedrive.com", "app", Secret("s3cret"), "https://me.example/oauth/callback"},
      server};
  std::unique_ptr<store::Store> store =
      store::MakeSqliteStore({.path = ":memory:", .token_keys = {Secret("a key of tests")}}, clock)
          .value();
};

}  // namespace connector::sync
