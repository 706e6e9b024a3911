#pragma once

// Randomness as a value that is handed in: jitter, run ids, unguessable paths.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <random>
#include <string>

namespace connector {

// Every method may be called from any thread.
class Random {
 public:
  virtual ~Random() = default;

  // Uniform in [0, bound); 0 if bound is 0.
  virtual uint64_t Below(uint64_t bound) = 0;

  // `bytes` random bytes as lower-case hex. Only SystemRandom's may serve as a secret.
  std::string Hex(size_t bytes);
};

// Reads the kernel's generator; fit for secrets.
class SystemRandom : public Random {
 public:
  uint64_t Below(uint64_t bound) override;

 private:
  std::mutex mutex_;  // guards device_
  std::random_device device_;
};

// Repeatable, for tests.
class SeededRandom : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : engine_(seed) {}
  uint64_t Below(uint64_t bound) override;

 private:
  std::mutex mutex_;  // guards engine_
  std::mt19937_64 engine_;
};

}  // namespace connector
