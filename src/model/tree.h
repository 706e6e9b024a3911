#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace connector {

// What a vendor returned and this service has no type for: a value with the structure of JSON.
struct Tree {
  using List = std::vector<Tree>;
  using Members = std::vector<std::pair<std::string, Tree>>;  // in the vendor's order

  std::variant<std::monostate, bool, double, std::string, List, Members> value;

  bool operator==(const Tree&) const = default;
};

}  // namespace connector
