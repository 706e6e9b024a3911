#include "base/secret.h"

namespace connector {

bool Secret::Matches(std::string_view candidate) const {
  if (value_.empty()) return false;
  unsigned difference = value_.size() == candidate.size() ? 0 : 1;
  for (size_t i = 0; i < candidate.size(); ++i) {
    difference |= static_cast<unsigned char>(candidate[i]) ^
                  static_cast<unsigned char>(value_[i % value_.size()]);
  }
  return difference == 0;
}

}  // namespace connector
