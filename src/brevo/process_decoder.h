#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "brevo/client.h"

namespace connector::brevo {

// GET /processes. Reports are addresses in newer answers, numbers in older ones, null for none.
absl::StatusOr<std::vector<Process>> DecodeProcesses(std::string_view body);

}  // namespace connector::brevo
