// Offsets of API v1.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "router.h"

namespace sandbox {

struct Paging {
  int64_t start = 0, limit = 100;
  std::string wrong;  // what is wrong with them
};

Paging ParsePaging(const Call& call);
nlohmann::json PagingJson(const Paging& paging, bool more);

}  // namespace sandbox
