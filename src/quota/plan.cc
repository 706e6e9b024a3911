#include "quota/plan.h"

#include <algorithm>
#include <span>

#include "base/strings.h"

namespace connector::quota {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// Pipedrive's page "Rate limiting" (2026-09-17) and, for the rows classic_*, the limits that its
// OpenAPI description of old gave per 10 s and token.
struct PipedriveRow {
  std::string_view name;
  int64_t api_token_calls;
  int64_t oauth_calls;
  Duration window;     // of api_token_calls; OAuth is always per 2 s
  int64_t multiplier;  // of 30,000 tokens a seat; 0: before the token system
};

// The old names come after the new ones, so that a learnt plan has today's name. Professional had
// 80 per 2 s before 2024-12 and multiplier 3; its OAuth figure is its token figure times 4 like
// all.
constexpr PipedriveRow kPipedrive[] = {
    {"lite", 20, 80, seconds(2), 1},
    {"growth", 40, 160, seconds(2), 2},
    {"premium", 100, 400, seconds(2), 5},
    {"ultimate", 120, 480, seconds(2), 7},
    {"essential", 20, 80, seconds(2), 1},
    {"advanced", 40, 160, seconds(2), 2},
    {"professional", 80, 320, seconds(2), 3},
    {"power", 100, 400, seconds(2), 5},
    {"enterprise", 120, 480, seconds(2), 7},
    {"classic_essential", 80, 80, seconds(10), 0},
    {"classic_advanced", 100, 80, seconds(10), 0},
    {"classic_professional", 200, 80, seconds(10), 0},
    {"classic_power", 200, 80, seconds(10), 0},
    {"classic_enterprise", 400, 80, seconds(10), 0},
};

constexpr int64_t kTokensPerSeat = 30'000;
constexpr int64_t kSearchCalls = 10;  // per 2 s on every plan

// Brevo's page "API limits" (2026-08-13); 0 means not limited.
struct BrevoRow {
  std::string_view name;
  int64_t second;  // of contacts and of events, each
  int64_t hour;    // of contacts and of events, each
  int64_t other_hour;
};

constexpr BrevoRow kBrevo[] = {
    {"general", 10, 36'000, 100},
    {"advanced", 20, 72'000, 200},
    {"extended", 60, 0, 600},
};

// A search counts against both windows: the page does not say that it is exempt from the general
// one, and counting it twice can never earn a refusal.
Plan PipedrivePlan(const PipedriveRow& row, Credential credential, int seats) {
  const bool oauth = credential == Credential::kOAuth;
  Plan plan{row.name, {}, row.multiplier * kTokensPerSeat * std::max(seats, 1)};
  plan.windows.push_back({"burst",
                          oauth ? row.oauth_calls : row.api_token_calls,
                          oauth ? seconds(2) : row.window,
                          {Family::kPipedriveGeneral, Family::kPipedriveSearch}});
  plan.windows.push_back({"search", kSearchCalls, seconds(2), {Family::kPipedriveSearch}});
  return plan;
}

Plan BrevoPlan(const BrevoRow& row) {
  Plan plan{row.name, {}, 0};
  const auto add = [&plan](std::string_view name, int64_t calls, Duration window, Family family) {
    if (calls > 0) plan.windows.push_back({name, calls, window, {family}});
  };
  add("contacts_second", row.second, seconds(1), Family::kBrevoContacts);
  add("contacts_hour", row.hour, hours(1), Family::kBrevoContacts);
  add("events_second", row.second, seconds(1), Family::kBrevoEvents);
  add("events_hour", row.hour, hours(1), Family::kBrevoEvents);
  add("other_hour", row.other_hour, hours(1), Family::kBrevoOther);
  return plan;
}

std::vector<Plan> AllPlans(Api api, Credential credential, int seats) {
  std::vector<Plan> plans;
  if (api == Api::kPipedrive) {
    for (const auto& row : kPipedrive) plans.push_back(PipedrivePlan(row, credential, seats));
  } else {
    for (const auto& row : kBrevo) plans.push_back(BrevoPlan(row));
  }
  return plans;
}

bool Allows(const Plan& plan, std::string_view limit, int64_t calls) {
  return std::ranges::any_of(plan.windows, [&](const WindowLimit& window) {
    return window.name == limit && window.calls == calls;
  });
}

}  // namespace

std::optional<Plan> FindPlan(Api api, std::string_view name, Credential credential, int seats) {
  const std::string wanted = AsciiLower(Trim(name));
  for (Plan& plan : AllPlans(api, credential, seats)) {
    if (plan.name == wanted) return std::move(plan);
  }
  return std::nullopt;
}

Plan SmallestPlan(Api api, Credential credential, int seats) {
  return AllPlans(api, credential, seats).front();
}

std::optional<Plan> PlanAllowing(Api api, Credential credential, int seats, std::string_view limit,
                                 int64_t calls) {
  for (Plan& plan : AllPlans(api, credential, seats)) {
    if (plan.name.starts_with("classic_")) continue;
    if (Allows(plan, limit, calls)) return std::move(plan);
  }
  return std::nullopt;
}

std::vector<std::string_view> PlanNames(Api api) {
  std::vector<std::string_view> names;
  if (api == Api::kPipedrive) {
    for (const auto& row : kPipedrive) names.push_back(row.name);
  } else {
    for (const auto& row : kBrevo) names.push_back(row.name);
  }
  return names;
}

}  // namespace connector::quota
