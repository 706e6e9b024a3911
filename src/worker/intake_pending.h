#pragma once

// What the parts of Intake share; for nobody else.

#include <stop_token>
#include <string>
#include <string_view>

#include "worker/intake.h"

namespace connector::worker {

// One submission on its way.
struct Intake::Pending {
  std::string connection;
  std::string_view door;
  bool wait = false;
  std::stop_token abandoned;
  std::string key;
  std::string body;
  Time arrived{};
  Done done;
};

// For the metrics.
std::string_view RefusalReason(const absl::Status& status);

}  // namespace connector::worker
