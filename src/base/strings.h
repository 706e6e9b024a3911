#pragma once

// Debian's Abseil has a string_view of its own that converts neither way; module edges speak
// std::string_view and these two functions are the only bridge.

#include <string>
#include <string_view>

#include "absl/strings/string_view.h"

namespace connector {

inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view ToStd(absl::string_view text) { return {text.data(), text.size()}; }

// ASCII lower case; other bytes are kept.
std::string AsciiLower(std::string_view text);

// Without leading and trailing ASCII white space.
std::string_view Trim(std::string_view text);

// The candidate nearest to `word` by edit distance if it is near enough to be a slip of the
// finger (a third of the letters), else an empty view.
template <typename Candidates>
std::string_view NearestWord(std::string_view word, const Candidates& candidates);

size_t EditDistance(std::string_view a, std::string_view b);

template <typename Candidates>
std::string_view NearestWord(std::string_view word, const Candidates& candidates) {
  std::string_view best;
  size_t best_distance = word.size() / 3 + 2;
  for (std::string_view candidate : candidates) {
    const size_t distance = EditDistance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace connector
