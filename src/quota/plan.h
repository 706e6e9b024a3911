#pragma once

// What each plan of the two vendors allows, as tables.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "quota/operation.h"

namespace connector::quota {

enum class Credential { kApiToken, kOAuth };  // Brevo's limits do not depend on it

// At most `calls` requests in any stretch of `window`.
struct WindowLimit {
  std::string_view name;  // "burst": label of metrics
  int64_t calls = 0;
  Duration window{};
  std::vector<Family> families;  // the calls that count against it
};

struct Plan {
  std::string_view name;
  std::vector<WindowLimit> windows;
  int64_t daily_tokens = 0;  // for all seats; 0: the plan has no token day
};

// The plan of this name ("growth", "classic_advanced", "extended"; case does not matter), nothing
// if there is none. `seats` below 1 count as 1.
std::optional<Plan> FindPlan(Api api, std::string_view name, Credential credential, int seats);

// The plan to start from when none is known. It has every window that any plan of the API has.
Plan SmallestPlan(Api api, Credential credential, int seats);

// The smallest plan whose window `limit` allows exactly `calls`: how a plan is learnt from headers.
// The classic plans are never learnt, since 80 may also be 80 in 2 s.
std::optional<Plan> PlanAllowing(Api api, Credential credential, int seats, std::string_view limit,
                                 int64_t calls);

// Every name that FindPlan knows, for messages and for checking a configuration.
std::vector<std::string_view> PlanNames(Api api);

}  // namespace connector::quota
