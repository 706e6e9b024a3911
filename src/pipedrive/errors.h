#pragma once

// Pipedrive's answers judged: OK, or a status with Reaction, retry-after and field.

#include <string_view>

#include "absl/status/status.h"
#include "http/caller.h"

namespace connector::pipedrive {

// OK for a 2xx answer in JSON (and for 204). The text names the operation, what Pipedrive said,
// what to mend and the correlation id for its support; it holds no address.
absl::Status Classify(const quota::Operation& operation, const http::Response& response);

// A 2xx answer that is not what its operation answers: UNAVAILABLE, worth another try.
absl::Status Unreadable(std::string_view problem);

}  // namespace connector::pipedrive
