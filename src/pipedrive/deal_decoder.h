#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "model/deal.h"
#include "pipedrive/custom_fields.h"
#include "pipedrive/record_parts.h"

namespace connector::pipedrive {

// One deal as API v2 and webhooks v2 show it, and as API v1 and webhooks v1 do; problems stay in
// `reader`. Without a status a deal is open; an unknown one is a problem.
Deal DecodeDealV2(RecordReader& reader, const WantedFields& wanted);
Deal DecodeDealV1(RecordReader& reader, const WantedFields& wanted);

// The answer to a GET of one deal, without custom fields. UNAVAILABLE if it cannot be read.
absl::StatusOr<Deal> DecodeOneDeal(std::string_view body,
                                   Deal (*decode)(RecordReader&, const WantedFields&));

// Pages of GET /deals and /deals/archived, without custom fields. UNAVAILABLE if not whole.
absl::StatusOr<Page<Deal>> DecodeDealsV2(std::string_view body);
absl::StatusOr<DecodedPage<Deal>> DecodeDealsV1(std::string_view body);

}  // namespace connector::pipedrive
