#pragma once

#include "model/deal.h"
#include "pipedrive/custom_fields.h"
#include "pipedrive/record_parts.h"

namespace connector::pipedrive {

// One deal as API v2 and webhooks v2 show it, and as API v1 and webhooks v1 do; problems stay in
// `reader`. Without a status a deal is open; an unknown one is a problem.
Deal DecodeDealV2(RecordReader& reader, const WantedFields& wanted);
Deal DecodeDealV1(RecordReader& reader, const WantedFields& wanted);

}  // namespace connector::pipedrive
