#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace connector {

using Sha256Digest = std::array<uint8_t, 32>;

Sha256Digest Sha256(std::string_view bytes);
// In lower-case hex.
std::string Sha256Hex(std::string_view bytes);

// In a time that does not depend on where they differ.
bool SameDigest(const Sha256Digest& a, const Sha256Digest& b);

}  // namespace connector
