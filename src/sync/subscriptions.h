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
#include "sync/brevo_subscription.h"
#include "sync/subscription_plan.h"

namespace connector::sync {

using pipedrive::NewSubscription;

// The webhook subscriptions of every connection: looked at, and made what they should be. Blocks on
// calls to both accounts; any thread, one at a time for each connection, so that two who ask at
// once do not create everything twice.
class Subscriptions {
 public:
  // Before the first thread starts. The client outlives this.
  void Add(std::string connection, pipedrive::WebhookClient& client, SubscriptionSettings settings);

  // Likewise Brevo's, of a connection that was added.
  void AddBrevo(std::string_view connection, brevo::WebhookClient& client,
                BrevoSubscriptionSettings settings);

  struct Report {
    std::vector<SubscriptionStep> steps;        // of Pipedrive
    std::vector<SubscriptionStep> brevo_steps;  // of Brevo
    std::vector<std::string> warnings;          // what only the operator can mend
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
  // Makes one more, whatever there is, and shows it as it was asked for.
  absl::StatusOr<Subscription> Create(std::string_view connection, const NewSubscription& wanted,
                                      const http::CallContext& context);
  // OK if it is gone already.
  absl::Status Delete(std::string_view connection, int64_t id, const http::CallContext& context);
  // Null if there is none of this name.
  const SubscriptionSettings* SettingsOf(std::string_view connection) const;
  std::vector<std::string> Names() const;
  // Whether either account is to tell of its changes.
  bool WantsAny(std::string_view connection) const;

 private:
  struct Account {
    pipedrive::WebhookClient& client;
    SubscriptionSettings settings;
    std::mutex mutex;  // held while its subscriptions are read and changed
    brevo::WebhookClient* brevo = nullptr;
    BrevoSubscriptionSettings brevo_settings{};
  };
  static absl::Status EnsurePipedrive(Account& account, bool dry_run,
                                      const http::CallContext& context,
                                      const FindFaults& find_faults, Report& report);
  static absl::Status EnsureBrevo(Account& account, bool dry_run, const http::CallContext& context,
                                  Report& report);
  absl::StatusOr<Account*> Find(std::string_view connection) const;

  std::map<std::string, std::unique_ptr<Account>, std::less<>> accounts_;
};

}  // namespace connector::sync
