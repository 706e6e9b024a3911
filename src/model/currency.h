#pragma once

#include <string>
#include <string_view>

namespace connector {

// Digits after the point of a currency's amounts by ISO 4217; 2 for an unknown one.
int MinorDigits(std::string_view currency);

// Decimal text with as many digits as the currency has: 1234.5 EUR is "1234.50".
std::string AmountText(double amount, std::string_view currency);

}  // namespace connector
