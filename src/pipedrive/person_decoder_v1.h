#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "pipedrive/custom_fields.h"
#include "pipedrive/record_parts.h"

namespace connector::pipedrive {

// One person as API v1 shows it, with only the parts that `selection` names: v1 always sends all.
Person DecodePersonV1(RecordReader& reader, const Selection& selection, const WantedFields& wanted);

// A page of GET /api/v1/persons. UNAVAILABLE if it is not whole.
absl::StatusOr<DecodedPage<Person>> DecodePersonsV1(std::string_view body,
                                                    const Selection& selection);

}  // namespace connector::pipedrive
