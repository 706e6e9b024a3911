#include "model/money.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"

namespace connector {
namespace {

constexpr int kMillionDecimals = 6;

int64_t PowerOfTen(int exponent) {
  int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

int Bounded(int decimals) { return std::clamp(decimals, 0, kMillionDecimals); }

}  // namespace

std::optional<int64_t> ToMillionths(double amount) {
  const double millionths = std::round(amount * static_cast<double>(kMillion));
  // Below 2^63 with room; false for NaN, too.
  if (!(std::abs(millionths) <= 9e18)) return std::nullopt;
  return static_cast<int64_t>(millionths);
}

int64_t AddMillionths(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? std::numeric_limits<int64_t>::max() : std::numeric_limits<int64_t>::min();
}

int64_t MinorUnits(int64_t millionths, int decimals) {
  const int64_t divisor = PowerOfTen(kMillionDecimals - Bounded(decimals));
  const int64_t quotient = millionths / divisor;
  const int64_t rest = millionths % divisor;
  if (std::abs(rest) * 2 < divisor || rest == 0) return quotient;
  return quotient + (rest > 0 ? 1 : -1);
}

double WholeUnits(int64_t minor_units, int decimals) {
  return static_cast<double>(minor_units) / static_cast<double>(PowerOfTen(Bounded(decimals)));
}

std::string FormatMinorUnits(int64_t minor_units, int decimals) {
  decimals = Bounded(decimals);
  const bool negative = minor_units < 0;
  const uint64_t size =
      negative ? ~static_cast<uint64_t>(minor_units) + 1 : static_cast<uint64_t>(minor_units);
  std::string digits = absl::StrCat(size);
  if (decimals > 0) {
    const auto places = static_cast<size_t>(decimals);
    if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
    digits.insert(digits.size() - places, ".");
  }
  return absl::StrCat(negative ? "-" : "", digits);
}

}  // namespace connector
