#include "sync/subscription_plan.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"

namespace connector::sync {
namespace {

using Action = SubscriptionStep::Action;

constexpr std::string_view kName = "pipedrive-connector";
constexpr std::string_view kVersion = "2.0";
constexpr size_t kMost = 40;  // for each user of Pipedrive

std::string_view WithoutSlash(std::string_view url) {
  while (url.ends_with('/')) url.remove_suffix(1);
  return url;
}

std::string EventOf(const Subscription& subscription) {
  return absl::StrCat(subscription.action, ".", subscription.object);
}

// What keeps it from being the one that stays, "" if nothing does.
std::string Fault(const Subscription& subscription, const SubscriptionSettings& settings,
                  const Faults& faults) {
  const auto known = faults.find(subscription.id);
  if (known != faults.end()) return known->second;
  if (subscription.version != kVersion) {
    return absl::StrCat("is of version ", subscription.version);
  }
  if (!subscription.is_active) return "is not active any more";
  if (subscription.user != settings.user ||
      !settings.password.Matches(subscription.password.Reveal())) {
    return "has other credentials";
  }
  return "";
}

// The steps for one object: `whole` are our subscriptions to all of its actions, oldest first.
void PlanObject(const std::string& object, std::vector<const Subscription*> whole,
                const SubscriptionSettings& settings, const Faults& faults,
                std::vector<SubscriptionStep>& steps) {
  const std::string event = "*." + object;
  const auto good = std::find_if(whole.begin(), whole.end(), [&](const Subscription* one) {
    return Fault(*one, settings, faults).empty();
  });
  if (good != whole.end()) {
    steps.push_back({Action::kKeep, event, (*good)->id, "is as it should be"});
    whole.erase(good);
  } else if (!whole.empty()) {
    const Subscription* const old = whole.front();
    steps.push_back({Action::kReplace, event, old->id, Fault(*old, settings, faults)});
    whole.erase(whole.begin());
  } else {
    steps.push_back({Action::kCreate, event, 0, "is missing"});
  }
  for (const Subscription* other : whole) {
    steps.push_back({Action::kRemove, event, other->id, "delivers the same a second time"});
  }
}

void PlanRest(const std::vector<const Subscription*>& ours, const SubscriptionSettings& settings,
              std::vector<SubscriptionStep>& steps) {
  for (const Subscription* one : ours) {
    const bool wanted = std::find(settings.objects.begin(), settings.objects.end(), one->object) !=
                        settings.objects.end();
    if (wanted && one->action == "*") continue;  // planned already
    if (wanted || (one->object == "*" && !settings.objects.empty())) {
      steps.push_back({Action::kRemove, EventOf(*one), one->id, "delivers the same a second time"});
    } else if (one->name.starts_with(kName)) {
      steps.push_back({Action::kRemove, EventOf(*one), one->id, "is not configured any more"});
    }
  }
}

absl::Status Create(pipedrive::WebhookClient& client, const SubscriptionSettings& settings,
                    const http::CallContext& context, SubscriptionStep& step) {
  pipedrive::NewSubscription wanted;
  wanted.action = "*";
  wanted.object = step.event.substr(2);
  wanted.url = settings.url;
  wanted.name = absl::StrCat(ToAbsl(kName), ": ", wanted.object);
  wanted.user = settings.user;
  wanted.password = settings.password;
  CONNECTOR_ASSIGN_OR_RETURN(step.id, client.CreateWebhook(wanted, context));
  return absl::OkStatus();
}

size_t CountNew(const std::vector<SubscriptionStep>& steps) {
  return static_cast<size_t>(std::count_if(steps.begin(), steps.end(), [](const auto& step) {
    return step.action == Action::kCreate || step.action == Action::kReplace;
  }));
}

// The subscriptions that a plan takes away.
std::vector<int64_t> Obsolete(const std::vector<SubscriptionStep>& steps) {
  std::vector<int64_t> ids;
  for (const SubscriptionStep& step : steps) {
    if (step.action == Action::kRemove || step.action == Action::kReplace) ids.push_back(step.id);
  }
  return ids;
}

}  // namespace

std::string DoorUrl(std::string_view public_url, std::string_view path) {
  const std::string_view base = WithoutSlash(public_url);
  if (base.empty() || base.ends_with(path)) return std::string(base);
  return absl::StrCat(ToAbsl(base), ToAbsl(path));
}

bool IsOurs(const Subscription& subscription, const SubscriptionSettings& settings) {
  return !settings.url.empty() && WithoutSlash(subscription.url) == WithoutSlash(settings.url);
}

bool LastDeliveryFailed(const Subscription& subscription) {
  if (!subscription.last_delivery_time) return false;
  const int status = subscription.last_http_status.value_or(0);
  return status < 200 || status >= 300;
}

std::vector<SubscriptionStep> PlanSubscriptions(const std::vector<Subscription>& existing,
                                                const SubscriptionSettings& settings,
                                                const Faults& faults) {
  std::vector<const Subscription*> ours;
  for (const Subscription& one : existing) {
    if (IsOurs(one, settings)) ours.push_back(&one);
  }
  std::sort(ours.begin(), ours.end(),
            [](const Subscription* a, const Subscription* b) { return a->id < b->id; });
  std::vector<SubscriptionStep> steps;
  if (settings.url.empty()) return steps;
  for (const std::string& object : settings.objects) {
    std::vector<const Subscription*> whole;
    std::copy_if(ours.begin(), ours.end(), std::back_inserter(whole), [&](const Subscription* one) {
      return one->object == object && one->action == "*";
    });
    PlanObject(object, std::move(whole), settings, faults, steps);
  }
  PlanRest(ours, settings, steps);
  return steps;
}

absl::Status ApplySubscriptions(pipedrive::WebhookClient& client, size_t existing,
                                const SubscriptionSettings& settings,
                                const http::CallContext& context,
                                std::vector<SubscriptionStep>& steps) {
  const std::vector<int64_t> obsolete = Obsolete(steps);
  const auto remove_all = [&]() -> absl::Status {
    for (const int64_t id : obsolete) {
      CONNECTOR_RETURN_IF_ERROR(client.DeleteWebhook(id, context));
    }
    return absl::OkStatus();
  };
  const bool no_room = existing + CountNew(steps) > kMost;
  if (no_room) CONNECTOR_RETURN_IF_ERROR(remove_all());
  for (SubscriptionStep& step : steps) {
    if (step.action != Action::kCreate && step.action != Action::kReplace) continue;
    CONNECTOR_RETURN_IF_ERROR(Create(client, settings, context, step));
  }
  return no_room ? absl::OkStatus() : remove_all();
}

}  // namespace connector::sync
