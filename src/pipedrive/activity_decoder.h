#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "model/activity.h"
#include "pipedrive/record_parts.h"

namespace connector::pipedrive {

// One activity. The names of API v2, of API v1 and of the webhooks, which mix both, don't clash, so
// that one reader takes them all; problems stay in `reader`.
Activity DecodeActivity(RecordReader& reader);

absl::StatusOr<DecodedPage<Activity>> DecodeActivities(std::string_view body, NullList null_list);

}  // namespace connector::pipedrive
