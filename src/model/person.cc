#include "model/person.h"

#include <algorithm>

namespace connector {

const CustomValue* FindCustomField(
    const std::vector<std::pair<std::string, CustomValue>>& custom_fields, std::string_view key) {
  const auto at = std::lower_bound(custom_fields.begin(), custom_fields.end(), key,
                                   [](const auto& field, std::string_view wanted) {
                                     return std::string_view(field.first) < wanted;
                                   });
  return at != custom_fields.end() && at->first == key ? &at->second : nullptr;
}

}  // namespace connector
