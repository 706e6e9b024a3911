#include "mapping/deal_totals.h"

#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "model/money.h"

namespace connector::mapping {
namespace {

int64_t Converted(int64_t millionths, double rate) {
  const long double product = static_cast<long double>(millionths) * rate;
  constexpr auto kMost = static_cast<long double>(std::numeric_limits<int64_t>::max());
  if (product >= kMost) return std::numeric_limits<int64_t>::max();
  if (product <= -kMost) return std::numeric_limits<int64_t>::min();
  return std::llround(product);
}

}  // namespace

DealTotals TotalsOf(const DealFacts& facts, const AccountSchema& schema,
                    const CurrencyRates& rates) {
  DealTotals totals{.won = facts.won, .lost = facts.lost, .open = facts.open};
  const std::string& home = schema.account.default_currency;
  if (home.empty()) return totals;
  int64_t sum = 0;
  for (const auto& [currency, millionths] : facts.won_millionths) {
    const auto rate = rates.find(currency);
    if (currency == home || currency.empty()) {
      sum = AddMillionths(sum, millionths);
    } else if (rate != rates.end()) {
      sum = AddMillionths(sum, Converted(millionths, rate->second));
    } else {
      const int decimals = DecimalsOf(schema, currency);
      absl::StrAppend(&totals.other_currency, totals.other_currency.empty() ? "" : ", ",
                      FormatMinorUnits(MinorUnits(millionths, decimals), decimals), " ", currency);
    }
  }
  const int decimals = DecimalsOf(schema, home);
  totals.revenue = WholeUnits(MinorUnits(sum, decimals), decimals);
  return totals;
}

}  // namespace connector::mapping
