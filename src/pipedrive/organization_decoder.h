#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "pipedrive/custom_fields.h"
#include "pipedrive/record_parts.h"

namespace connector::pipedrive {

// One organization; problems stay in `reader`.
Organization DecodeOrganizationV2(RecordReader& reader, const WantedFields& wanted);
Organization DecodeOrganizationV1(RecordReader& reader, const WantedFields& wanted);

// Pages of GET /organizations. UNAVAILABLE if not whole.
absl::StatusOr<Page<Organization>> DecodeOrganizationsV2(std::string_view body,
                                                         const Selection& selection);
absl::StatusOr<DecodedPage<Organization>> DecodeOrganizationsV1(std::string_view body,
                                                                const Selection& selection);

}  // namespace connector::pipedrive
