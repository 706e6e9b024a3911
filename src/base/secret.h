#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace connector {

// A credential. It prints as ***; only Reveal() gives the text, so that every use can be searched
// for.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  bool empty() const { return value_.empty(); }
  const std::string& Reveal() const { return value_; }

  // Compares in a time that depends only on the length of `candidate`.
  bool Matches(std::string_view candidate) const;

  friend std::ostream& operator<<(std::ostream& out, const Secret& secret) {
    return out << (secret.empty() ? "(not set)" : "***");
  }

 private:
  std::string value_;
};

}  // namespace connector
