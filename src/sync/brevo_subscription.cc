#include "sync/brevo_subscription.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "base/status.h"

namespace connector::sync {
namespace {

using Action = SubscriptionStep::Action;

// What follows from nothing else is not asked for: every delivery costs both sides.
const std::vector<std::string>& WantedEvents() {
  static const std::vector<std::string> kEvents = {
      "contactDeleted", "contactUpdated", "hardBounce", "listAddition", "spam", "unsubscribed"};
  return kEvents;
}

std::string EventsText() { return absl::StrJoin(WantedEvents(), ","); }

std::string_view WithoutSlash(std::string_view url) {
  while (url.ends_with('/')) url.remove_suffix(1);
  return url;
}

// "" if it is as it should be. A token that Brevo does not show can't be compared.
std::string Fault(const brevo::Subscription& one, const BrevoSubscriptionSettings& settings) {
  if (!std::includes(one.events.begin(), one.events.end(), WantedEvents().begin(),
                     WantedEvents().end())) {
    return "lacks events";
  }
  if (one.batched) return "delivers in batches, up to five minutes late";
  if (one.token && !settings.token.Matches(one.token->Reveal())) return "has another token";
  return "";
}

}  // namespace

bool IsOurs(const brevo::Subscription& subscription, const BrevoSubscriptionSettings& settings) {
  return !settings.url.empty() && WithoutSlash(subscription.url) == WithoutSlash(settings.url);
}

std::vector<SubscriptionStep> PlanBrevoSubscription(
    const std::vector<brevo::Subscription>& existing, const BrevoSubscriptionSettings& settings) {
  std::vector<SubscriptionStep> steps;
  if (settings.url.empty()) return steps;
  std::vector<const brevo::Subscription*> ours;
  for (const brevo::Subscription& one : existing) {
    if (IsOurs(one, settings)) ours.push_back(&one);
  }
  std::sort(ours.begin(), ours.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
  if (ours.empty()) {
    steps.push_back({Action::kCreate, EventsText(), 0, "is missing"});
    return steps;
  }
  auto kept = std::find_if(ours.begin(), ours.end(),
                           [&](const auto* one) { return Fault(*one, settings).empty(); });
  if (kept != ours.end()) {
    steps.push_back({Action::kKeep, EventsText(), (*kept)->id, "is as it should be"});
  } else {
    kept = ours.begin();
    steps.push_back({Action::kReplace, EventsText(), (*kept)->id, Fault(**kept, settings)});
  }
  for (auto one = ours.begin(); one != ours.end(); ++one) {
    if (one == kept) continue;
    steps.push_back({Action::kRemove, absl::StrJoin((*one)->events, ","), (*one)->id,
                     "delivers the same a second time"});
  }
  return steps;
}

absl::Status ApplyBrevoSubscription(brevo::WebhookClient& client,
                                    const BrevoSubscriptionSettings& settings,
                                    const http::CallContext& context,
                                    std::vector<SubscriptionStep>& steps) {
  brevo::Subscription wanted;
  wanted.url = settings.url;
  wanted.description = "pipedrive-connector";
  wanted.events = WantedEvents();
  wanted.token = settings.token;
  for (SubscriptionStep& step : steps) {
    switch (step.action) {
      case Action::kKeep:
        break;
      case Action::kCreate: {
        CONNECTOR_ASSIGN_OR_RETURN(step.id, client.CreateWebhook(wanted, context));
        break;
      }
      case Action::kReplace:
        wanted.id = step.id;
        CONNECTOR_RETURN_IF_ERROR(client.UpdateWebhook(wanted, context));
        break;
      case Action::kRemove:
        CONNECTOR_RETURN_IF_ERROR(client.DeleteWebhook(step.id, context));
        break;
    }
  }
  return absl::OkStatus();
}

}  // namespace connector::sync
