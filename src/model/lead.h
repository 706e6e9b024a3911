#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "model/person.h"

namespace connector {

// A Pipedrive lead. Its custom fields are those of deals.
struct Lead {
  std::string id;  // UUID
  std::string title;
  std::optional<int64_t> owner_id;
  std::optional<int64_t> person_id;
  std::optional<int64_t> org_id;
  std::vector<std::string> label_ids;  // UUIDs
  std::string source_name;
  std::optional<Monetary> value;
  bool is_archived = false;
  std::optional<Time> add_time;
  std::optional<Time> update_time;
  bool is_deleted = false;
  std::vector<std::pair<std::string, CustomValue>> custom_fields;  // as in Person

  bool operator==(const Lead&) const = default;
};

}  // namespace connector
