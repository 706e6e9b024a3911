#include "store/sql_database.h"

namespace connector::store {

// What `work` refuses has other codes: these are what a handle makes of trouble of its own.
absl::Status SqlDatabase::Observed(std::string_view operation, absl::Status outcome) const {
  if (!on_error_) return outcome;
  switch (outcome.code()) {
    case absl::StatusCode::kUnavailable:
      on_error_(operation, "unavailable");
      break;
    case absl::StatusCode::kResourceExhausted:
      on_error_(operation, "resource_exhausted");
      break;
    case absl::StatusCode::kDataLoss:
      on_error_(operation, "data_loss");
      break;
    case absl::StatusCode::kInternal:
      on_error_(operation, "internal");
      break;
    default:
      break;
  }
  return outcome;
}

}  // namespace connector::store
