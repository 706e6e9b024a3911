#include "base/random.h"

namespace connector {
namespace {

template <typename Engine>
uint64_t UniformBelow(Engine& engine, uint64_t bound) {
  if (bound == 0) return 0;
  return std::uniform_int_distribution<uint64_t>(0, bound - 1)(engine);
}

}  // namespace

std::string Random::Hex(size_t bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes);
  for (size_t i = 0; i < 2 * bytes; ++i) out.push_back(kDigits[Below(16)]);
  return out;
}

uint64_t SystemRandom::Below(uint64_t bound) {
  const std::lock_guard lock(mutex_);
  return UniformBelow(device_, bound);
}

uint64_t SeededRandom::Below(uint64_t bound) {
  const std::lock_guard lock(mutex_);
  return UniformBelow(engine_, bound);
}

}  // namespace connector
