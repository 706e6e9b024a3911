#pragma once

#include <string_view>

#include "metrics/registry.h"

namespace connector::metrics {

// How OAuth grants fare. Any thread.
class OAuthMetrics {
 public:
  explicit OAuthMetrics(Registry& registry)
      : renewals_(registry.AddCounter({"oauth_renewals_total",
                                       "Renewals of OAuth access tokens, by outcome",
                                       {"connection", "outcome"}})),
        authorizations_(registry.AddCounter({"oauth_authorizations_total",
                                             "Authorizations that came back, by outcome",
                                             {"connection", "outcome"}})) {}

  // `outcome`: "renewed", "refused" (only a new authorization helps), "failed" (tried again).
  void OnRenewal(std::string_view connection, std::string_view outcome) {
    renewals_.Add({connection, outcome});
  }
  // `outcome`: "granted", "denied", "failed", "uninstalled".
  void OnAuthorization(std::string_view connection, std::string_view outcome) {
    authorizations_.Add({connection, outcome});
  }

 private:
  Counter& renewals_;
  Counter& authorizations_;
};

}  // namespace connector::metrics
