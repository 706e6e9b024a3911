#include "sync/subscriptions.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"

namespace connector::sync {
namespace {

std::vector<std::string> WarningsOf(const SubscriptionSettings& settings) {
  std::vector<std::string> warnings;
  if (settings.url.empty()) {
    warnings.emplace_back(
        "set connectors.pipedrive.webhook.public_url to the address at which Pipedrive reaches "
        "this service: without it nothing is subscribed");
  } else if (settings.password.empty()) {
    warnings.emplace_back(
        "set connectors.pipedrive.webhook.password: without it every webhook is refused");
  }
  return warnings;
}

}  // namespace

void Subscriptions::Add(std::string connection, pipedrive::WebhookClient& client,
                        SubscriptionSettings settings) {
  accounts_.emplace(std::move(connection),
                    std::unique_ptr<Account>(new Account{client, std::move(settings), {}}));
}

void Subscriptions::AddBrevo(std::string_view connection, brevo::WebhookClient& client,
                             BrevoSubscriptionSettings settings) {
  const auto account = accounts_.find(connection);
  if (account == accounts_.end()) return;
  account->second->brevo = &client;
  account->second->brevo_settings = std::move(settings);
}

absl::StatusOr<Subscriptions::Account*> Subscriptions::Find(std::string_view connection) const {
  const auto found =
      connection.empty() && accounts_.size() == 1 ? accounts_.begin() : accounts_.find(connection);
  if (found != accounts_.end()) return found->second.get();
  return absl::NotFoundError(
      absl::StrCat("connection: there is none named \"", ToAbsl(connection), "\""));
}

absl::StatusOr<Subscriptions::Report> Subscriptions::Ensure(std::string_view connection,
                                                            bool dry_run,
                                                            const http::CallContext& context,
                                                            const FindFaults& find_faults) {
  CONNECTOR_ASSIGN_OR_RETURN(Account* const account, Find(connection));
  const std::lock_guard lock(account->mutex);
  Report report;
  // The trouble of one account does not keep the other from being seen to.
  const absl::Status pipedrive = EnsurePipedrive(*account, dry_run, context, find_faults, report);
  CONNECTOR_RETURN_IF_ERROR(EnsureBrevo(*account, dry_run, context, report));
  if (!pipedrive.ok()) return pipedrive;
  return report;
}

absl::Status Subscriptions::EnsurePipedrive(Account& account, bool dry_run,
                                            const http::CallContext& context,
                                            const FindFaults& find_faults, Report& report) {
  const SubscriptionSettings& settings = account.settings;
  report.warnings = WarningsOf(settings);
  if (!report.warnings.empty()) return absl::OkStatus();
  CONNECTOR_ASSIGN_OR_RETURN(const auto existing, account.client.ListWebhooks(context));
  const Faults faults = find_faults ? find_faults(existing) : Faults();
  report.steps = PlanSubscriptions(existing, settings, faults);
  if (dry_run) return absl::OkStatus();
  return ApplySubscriptions(account.client, existing.size(), settings, context, report.steps);
}

absl::Status Subscriptions::EnsureBrevo(Account& account, bool dry_run,
                                        const http::CallContext& context, Report& report) {
  const BrevoSubscriptionSettings& settings = account.brevo_settings;
  // The configuration does not take an address without a token.
  if (account.brevo == nullptr || settings.url.empty() || settings.token.empty()) {
    return absl::OkStatus();
  }
  CONNECTOR_ASSIGN_OR_RETURN(const auto existing, account.brevo->ListWebhooks(context));
  report.brevo_steps = PlanBrevoSubscription(existing, settings);
  if (dry_run) return absl::OkStatus();
  return ApplyBrevoSubscription(*account.brevo, settings, context, report.brevo_steps);
}

bool Subscriptions::WantsAny(std::string_view connection) const {
  const auto account = Find(connection);
  return account.ok() &&
         (!(*account)->settings.url.empty() || !(*account)->brevo_settings.url.empty());
}

absl::StatusOr<std::vector<Subscription>> Subscriptions::List(std::string_view connection,
                                                              const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(Account* const account, Find(connection));
  return account->client.ListWebhooks(context);
}

absl::StatusOr<Subscription> Subscriptions::Create(std::string_view connection,
                                                   const NewSubscription& wanted,
                                                   const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(Account* const account, Find(connection));
  const std::lock_guard lock(account->mutex);
  Subscription made;
  CONNECTOR_ASSIGN_OR_RETURN(made.id, account->client.CreateWebhook(wanted, context));
  made.action = wanted.action;
  made.object = wanted.object;
  made.url = wanted.url;
  made.version = "2.0";
  made.name = wanted.name;
  made.is_active = true;
  return made;
}

absl::Status Subscriptions::Delete(std::string_view connection, int64_t id,
                                   const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(Account* const account, Find(connection));
  const std::lock_guard lock(account->mutex);
  return account->client.DeleteWebhook(id, context);
}

const SubscriptionSettings* Subscriptions::SettingsOf(std::string_view connection) const {
  const auto account = Find(connection);
  return account.ok() ? &(*account)->settings : nullptr;
}

std::vector<std::string> Subscriptions::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, account] : accounts_) names.push_back(name);
  return names;
}

}  // namespace connector::sync
