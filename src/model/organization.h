#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "model/person.h"

namespace connector {

// A Pipedrive organization, reduced to what was asked for.
struct Organization {
  int64_t id = 0;
  std::optional<std::string> name;
  std::optional<std::string> address;  // the formatted line
  std::optional<std::string> website;
  std::optional<int64_t> owner_id;
  std::optional<Time> update_time;
  bool is_deleted = false;
  std::vector<std::pair<std::string, CustomValue>> custom_fields;  // as in Person

  bool operator==(const Organization&) const = default;
};

}  // namespace connector
