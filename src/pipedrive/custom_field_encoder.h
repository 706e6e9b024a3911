#pragma once

// Custom field values as the two API versions take them.

#include <string_view>

#include "http/json_members.h"
#include "model/person.h"

namespace connector::pipedrive {

// Adds one member of API v2's `custom_fields`; monostate becomes null, which clears. Without its
// `type` ("set", "address", ...) a value goes by its own form: one option as an id, a text as it
// is.
void AppendCustomV2(http::JsonMembers& fields, std::string_view key, const CustomValue& value,
                    std::string_view type);

// Adds the members of an API v1 record: `<key>`, with `<key>_currency` or `<key>_until` beside it.
void AppendCustomV1(http::JsonMembers& record, std::string_view key, const CustomValue& value,
                    std::string_view type);

}  // namespace connector::pipedrive
