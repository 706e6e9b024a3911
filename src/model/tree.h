#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace connector {

// What a vendor returned and this service has no type for: a value with the structure of JSON.
struct Tree {
  using List = std::vector<Tree>;
  using Members = std::vector<std::pair<std::string, Tree>>;  // in the vendor's order

  // Declared here and defined below, where the pairs of `Members` are complete: clang asks for
  // them.
  Tree();
  Tree(const Tree& other);
  Tree(Tree&& other) noexcept;
  Tree& operator=(const Tree& other);
  Tree& operator=(Tree&& other) noexcept;
  ~Tree();
  template <typename T>
  requires(!std::is_same_v<std::remove_cvref_t<T>, Tree>) Tree(T&& held)
      : value(std::forward<T>(held)) {}

  std::variant<std::monostate, bool, double, std::string, List, Members> value;
};

inline Tree::Tree() = default;
inline Tree::Tree(const Tree& other) = default;
inline Tree::Tree(Tree&& other) noexcept = default;
inline Tree& Tree::operator=(const Tree& other) = default;
inline Tree& Tree::operator=(Tree&& other) noexcept = default;
inline Tree::~Tree() = default;
inline bool operator==(const Tree& a, const Tree& b) { return a.value == b.value; }

}  // namespace connector
