#include <algorithm>
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "config/sections.h"
#include "config/values.h"

namespace connector::config {
namespace {

constexpr double kMostRate = 1e9;

// ISO 4217 has three letters; Pipedrive lets companies add codes of their own.
bool IsCurrency(std::string_view code) {
  return code.size() >= 3 && code.size() <= 10 && std::all_of(code.begin(), code.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
         });
}

}  // namespace

void ReadCurrencyRates(const Entry& section, Context& context, Connection& connection) {
  for (const Entry& entry : ReadMap(section.value, section.key, section.line, context)) {
    const std::string key = Under(section.key, entry.key);
    if (!IsCurrency(entry.key)) {
      context.problems.Error(entry.line, key,
                             "is no currency; allowed: a code such as USD, in capitals");
      continue;
    }
    const std::optional<Scalar> scalar = ReadScalar(entry, key, context);
    if (!scalar) continue;
    double rate = 0;
    if (!absl::SimpleAtod(scalar->text, &rate) || !(rate > 0) || rate > kMostRate) {
      context.problems.Error(
          scalar->line, key,
          absl::StrCat("\"", scalar->raw,
                       "\" is no rate; allowed: what one of it is worth in the company's currency, "
                       "such as 0.92"));
      continue;
    }
    connection.deals.currency_rates[entry.key] = rate;
  }
}

}  // namespace connector::config
