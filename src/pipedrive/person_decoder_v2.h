#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "pipedrive/custom_fields.h"
#include "pipedrive/record_parts.h"

namespace connector::pipedrive {

// One person as API v2 shows it; problems stay in `reader`.
Person DecodePersonV2(RecordReader& reader, const WantedFields& wanted);

// A page of GET /api/v2/persons. UNAVAILABLE if it is not whole.
absl::StatusOr<Page<Person>> DecodePersonsV2(std::string_view body, const Selection& selection);

}  // namespace connector::pipedrive
