#include "model/schema.h"

#include <array>

namespace connector {

std::string_view AttributeTypeName(AttributeType type) {
  constexpr std::array<std::string_view, 7> kNames = {
      "text", "number", "date", "boolean", "category", "multiple-choice", "other"};
  return kNames.at(static_cast<size_t>(type));
}

}  // namespace connector
