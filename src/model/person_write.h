#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/person.h"

namespace connector {

// What is to be written of a Pipedrive person; what is not named stays as it is.
struct PersonWrite {
  std::optional<std::string> name;
  std::optional<std::string> first_name;
  std::optional<std::string> last_name;
  // The whole array, in its order: Pipedrive replaces it.
  std::optional<std::vector<ContactPoint>> emails;
  std::optional<std::vector<ContactPoint>> phones;
  std::optional<int64_t> org_id;  // 0 unlinks
  std::optional<int64_t> owner_id;
  // Pipedrive may accept it and silently keep what it had: read it back.
  std::optional<std::string> marketing_status;
  // By field key, sorted; monostate clears.
  std::vector<std::pair<std::string, CustomValue>> custom_fields;

  bool empty() const { return *this == PersonWrite{}; }
  bool operator==(const PersonWrite&) const = default;
};

}  // namespace connector
