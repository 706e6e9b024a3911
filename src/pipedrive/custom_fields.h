#pragma once

// Custom field values in every shape Pipedrive gives them: API v2's `custom_fields` object, the
// typed objects of its webhooks, and API v1's flat keys.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/json.h"
#include "model/person.h"
#include "pipedrive/client.h"

namespace connector::pipedrive {

using CustomFields = std::vector<std::pair<std::string, CustomValue>>;

// Which custom fields a decoder keeps, and their types; made once a page.
class WantedFields {
 public:
  explicit WantedFields(const Selection& selection);
  // Every field; `types` by key, as far as known.
  static WantedFields All(const std::map<std::string, std::string>& types = {});

  // The type of a wanted field, "" if it is not known; nullopt for a field that is not wanted.
  std::optional<std::string_view> TypeOf(std::string_view key) const;

 private:
  WantedFields() = default;

  bool all_ = false;
  std::vector<std::pair<std::string, std::string>> types_by_key_;  // sorted
};

// True for the 40 hexadecimal digits that name a custom field.
bool IsCustomFieldKey(std::string_view text);

// One value; `type` is the field's type or "". monostate if there is none.
CustomValue DecodeCustomValue(http::JsonValue value, std::string_view type);

// The members of a `custom_fields` object, sorted by key, without those that have no value.
CustomFields DecodeCustomFields(http::JsonValue object, const WantedFields& wanted);

// The same from a v1 record: `<key>`, with `<key>_currency` and `<key>_until` beside it.
CustomFields DecodeFlatCustomFields(http::JsonValue record, const WantedFields& wanted);

}  // namespace connector::pipedrive
