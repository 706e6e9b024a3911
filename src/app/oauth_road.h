#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/road_parts.h"
#include "config/config.h"
#include "edge/oauth_doors.h"
#include "http/authorizing_caller.h"
#include "http/retrying_caller.h"
#include "pipedrive/oauth_client.h"
#include "quota/budget.h"
#include "sync/authorization.h"
#include "sync/oauth_credential.h"

namespace connector::app {

// What OAuth puts between a connection's Pipedrive client and its road: the OAuth server's own
// retry loop, the credential that it renews, and how people authorize. The parts outlive it.
class OAuthRoad {
 public:
  // `inner` makes the authorized calls. `on_change`: the grant is another one.
  OAuthRoad(const config::Connection& connection, const RoadParts& parts, quota::Budget& budget,
            http::Caller& inner, std::function<void()> on_change);

  http::Caller& caller() { return authorizing_; }
  absl::Status Health() const { return credential_.Health(); }
  // Of the public listener. They must outlive it.
  edge::OAuthDoors& doors() { return doors_; }

 private:
  http::RetryingCaller caller_;
  pipedrive::OAuthClient client_;
  sync::OAuthCredential credential_;
  sync::Authorization authorization_;
  http::AuthorizingCaller authorizing_;
  edge::OAuthDoors doors_;
};

}  // namespace connector::app
