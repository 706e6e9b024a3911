#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace connector::fuzz {

// Breaks inputs in the ways that break JSON decoders: bits and bytes, cuts and doubled stretches,
// one value in the place of another, tokens that are known to hurt, splices of two inputs.
// The same seed gives the same inputs. One thread.
class Mutator {
 public:
  // `corpus` must outlive it and not be empty.
  Mutator(const std::vector<std::string>& corpus, uint64_t seed) : corpus_(corpus), random_(seed) {}

  std::string Next();

 private:
  void Mutate(std::string& text);
  void ReplaceValue(std::string& text);
  size_t Position(const std::string& text) { return random_.Below(text.size() + 1); }

  const std::vector<std::string>& corpus_;
  SeededRandom random_;
};

}  // namespace connector::fuzz
