#pragma once

#include "model/lead.h"
#include "pipedrive/custom_fields.h"
#include "pipedrive/record_parts.h"

namespace connector::pipedrive {

// One lead, as API v1 shows it (custom fields at the top level) or as a webhook does (in
// `custom_fields`); problems stay in `reader`.
Lead DecodeLead(RecordReader& reader, const WantedFields& wanted);

}  // namespace connector::pipedrive
