#pragma once

// Counts and revenue of one person, from the table of deals.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "model/deal_facts.h"
#include "model/schema.h"

namespace connector::mapping {

// What one unit of a currency is worth in the company's default currency, by code.
using CurrencyRates = std::map<std::string, double>;

struct DealTotals {
  int64_t won = 0;
  int64_t lost = 0;
  int64_t open = 0;
  // Won deals in the default currency, and others by the rates; in whole units. Not known where the
  // company has no default currency.
  std::optional<double> revenue;
  // Won deals whose currency has no rate, for people: "1200.00 USD, 5.00 GBP"; "" if there are
  // none.
  std::string other_currency;
};

DealTotals TotalsOf(const DealFacts& facts, const AccountSchema& schema,
                    const CurrencyRates& rates);

}  // namespace connector::mapping
