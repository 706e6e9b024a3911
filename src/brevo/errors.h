#pragma once

// Brevo's answers judged: OK, or a status with Reaction, retry-after and field.

#include <string_view>

#include "absl/status/status.h"
#include "http/caller.h"

namespace connector::brevo {

// OK for 2xx; with a body it must be JSON. The text names the operation, what Brevo said, what to
// mend and the request id for its support; it holds no address.
absl::Status Classify(const quota::Operation& operation, const http::Response& response);

// Judges the host of a report file, which answers in CSV and is no part of the API.
absl::Status ClassifyReport(const http::Response& response);

// A 2xx answer that is not what its operation answers: UNAVAILABLE, worth another try.
absl::Status Unreadable(std::string_view problem);

}  // namespace connector::brevo
