#pragma once

// Amounts of money as whole minor units, so that sums are exact.

#include <cstdint>
#include <optional>
#include <string>

namespace connector {

// A currency as the Pipedrive account knows it.
struct Currency {
  std::string code;  // ISO 4217, or the account's own
  int decimals = 2;
  bool operator==(const Currency&) const = default;
};

struct Money {
  int64_t minor_units = 0;  // 12.34 EUR is 1234, 1234 JPY is 1234: by the currency's decimals
  std::string currency;     // ISO 4217, "" if unknown

  bool operator==(const Money&) const = default;
};

// Amounts as Pipedrive says them rest in millionths: exact for every currency, whose decimals need
// not be known, and as whole numbers they add up exactly. nullopt for what is no number or exceeds
// 9 * 10^12.
inline constexpr int64_t kMillion = 1'000'000;
std::optional<int64_t> ToMillionths(double amount);

// Saturates instead of overflowing.
int64_t AddMillionths(int64_t a, int64_t b);

// Millionths in minor units of a currency with so many decimals (0 to 6), half away from zero.
int64_t MinorUnits(int64_t millionths, int decimals);
// Minor units in whole units: what a number attribute holds.
double WholeUnits(int64_t minor_units, int decimals);
// "-1234.50".
std::string FormatMinorUnits(int64_t minor_units, int decimals);

}  // namespace connector
