#include "model/currency.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_format.h"

namespace connector {
namespace {

// ISO 4217, list one of 2026; all others have two digits.
constexpr std::array<std::string_view, 17> kWithoutMinorUnit = {
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
    "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"};
constexpr std::array<std::string_view, 7> kWithThreeDigits = {"BHD", "IQD", "JOD", "KWD",
                                                              "LYD", "OMR", "TND"};

}  // namespace

int MinorDigits(std::string_view currency) {
  if (std::ranges::find(kWithoutMinorUnit, currency) != kWithoutMinorUnit.end()) return 0;
  if (std::ranges::find(kWithThreeDigits, currency) != kWithThreeDigits.end()) return 3;
  return 2;
}

std::string AmountText(double amount, std::string_view currency) {
  return absl::StrFormat("%.*f", MinorDigits(currency), amount);
}

}  // namespace connector
