#pragma once

// Amounts of money as whole minor units, so that sums are exact.

#include <cstdint>
#include <string>

namespace connector {

struct Money {
  int64_t minor_units = 0;  // 12.34 EUR is 1234, 1234 JPY is 1234: by the currency's decimals
  std::string currency;     // ISO 4217, "" if unknown

  bool operator==(const Money&) const = default;
};

}  // namespace connector
