#pragma once

#include <cstdint>
#include <string_view>

namespace connector {

// FNV-1a, 64 bit (http://www.isthe.com/chongo/tech/comp/fnv/): equal text gives the same number in
// every process and version, unlike std::hash. Not for secrets, and not against an adversary.
constexpr uint64_t Fnv1a(std::string_view text) {
  uint64_t hash = 14695981039346656037ULL;
  for (const char byte : text) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= 1099511628211ULL;
  }
  return hash;
}

}  // namespace connector
