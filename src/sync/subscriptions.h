#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "http/caller.h"
#include "pipedrive/webhook_client.h"
#include "sync/subscription_plan.h"

namespace connector::sync {

// The webhook subscriptions of every connection: looked at, and made what they should be. Blocks on
// calls to Pipedrive; any thread, one at a time for each connection, so that two who ask at once do
// not create everything twice.
class Subscriptions {
 public:
  // Before the first thread starts. The client outlives this.
  void Add(std::string connection, pipedrive::WebhookClient& client, SubscriptionSettings settings);

  struct Report {
    std::vector<SubscriptionStep> steps;
    std::vector<std::string> warnings;  // what only the operator can mend
  };

  // Says, of what Pipedrive holds, what has to be replaced though it looks as it should.
  using FindFaults = std::function<Faults(const std::vector<Subscription>& existing)>;

  // NOT_FOUND for a connection that was not added; "" means the only one. A dry run only plans.
  absl::StatusOr<Report> Ensure(std::string_view connection, bool dry_run,
                                const http::CallContext& context,
                                const FindFaults& find_faults = {});
  // All that Pipedrive holds, ours and others'.
  absl::StatusOr<std::vector<Subscription>> List(std::string_view connection,
                                                 const http::CallContext& context);
  // Null if there is none of this name.
  const SubscriptionSettings* SettingsOf(std::string_view connection) const;
  std::vector<std::string> Names() const;

 private:
  struct Account {
    pipedrive::WebhookClient& client;
    SubscriptionSettings settings;
    std::mutex mutex;  // held while its subscriptions are read and changed
  };
  absl::StatusOr<Account*> Find(std::string_view connection) const;

  std::map<std::string, std::unique_ptr<Account>, std::less<>> accounts_;
};

}  // namespace connector::sync
