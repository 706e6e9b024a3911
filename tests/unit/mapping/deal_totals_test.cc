#include "mapping/deal_totals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapping/person_mapper.h"
#include "unit/mapping/schema.h"

namespace connector::mapping {
namespace {

using ::testing::HasSubstr;

AccountSchema Schema(std::string home) {
  AccountSchema schema = SeedSchema();
  schema.account.default_currency = std::move(home);
  schema.currencies = {{"EUR", 2}, {"USD", 2}, {"JPY", 0}, {"KWD", 3}};
  return schema;
}

DealFacts Won(std::vector<std::pair<double, std::string>> values) {
  DealFacts facts;
  int64_t id = 0;
  for (auto& [value, currency] : values) {
    Deal deal;
    deal.id = ++id;
    deal.status = DealStatus::kWon;
    deal.value = value;
    deal.currency = currency;
    AddDeal(facts, deal);
  }
  return facts;
}

TEST(TotalsOf, SumsTheDefaultCurrencyAndWhatHasARate) {
  struct Row {
    const char* what;
    std::string home;
    std::vector<std::pair<double, std::string>> won;
    CurrencyRates rates;
    std::optional<double> revenue;
    std::string other;
  };
  const Row rows[] = {
      {"nothing", "EUR", {}, {}, 0, ""},
      {"cents add up", "EUR", {{0.1, "EUR"}, {0.2, "EUR"}}, {}, 0.3, ""},
      {"others are left out",
       "EUR",
       {{10, "EUR"}, {1200, "USD"}, {5, "JPY"}},
       {},
       10,
       "5 JPY, 1200.00 USD"},
      {"a rate converts",
       "EUR",
       {{10, "EUR"}, {100, "USD"}, {5, "JPY"}},
       {{"USD", 0.915}},
       101.5,
       "5 JPY"},
      {"whole yen", "JPY", {{1000.4, "JPY"}, {1, "EUR"}}, {{"EUR", 160.3}}, 1161, ""},
      {"three decimals", "KWD", {{1.2345, "KWD"}}, {}, 1.235, ""},
      {"without a currency it is the company's", "EUR", {{7, ""}}, {}, 7, ""},
      {"a rate of the home currency changes nothing", "EUR", {{7, "EUR"}}, {{"EUR", 2}}, 7, ""},
      {"a loss", "EUR", {{-5.5, "EUR"}}, {}, -5.5, ""},
      {"no home", "", {{7, "EUR"}}, {}, std::nullopt, ""},
  };
  for (const Row& row : rows) {
    const DealTotals totals = TotalsOf(Won(row.won), Schema(row.home), row.rates);
    ASSERT_EQ(totals.revenue.has_value(), row.revenue.has_value()) << row.what;
    EXPECT_DOUBLE_EQ(totals.revenue.value_or(0), row.revenue.value_or(0)) << row.what;
    EXPECT_EQ(totals.other_currency, row.other) << row.what;
    EXPECT_EQ(totals.won, static_cast<int64_t>(row.won.size()));
  }
}

TEST(MapPerson, TakesCountsFromTheTableOrFromThePersonAndNeverFromBoth) {
  Person person;
  person.won_deals_count = 41;
  person.lost_deals_count = 42;
  person.open_deals_count = 43;
  person.closed_deals_count = 44;
  const DealTotals totals{.won = 1, .lost = 2, .open = 3, .revenue = 9.5, .other_currency = {}};
  PhoneNormalizer phones("DE");
  const auto value = [&](const ResolvedMap& map, const DealTotals* deals,
                         std::string_view attribute) -> std::optional<Value> {
    const auto values = MapPerson(map, person, nullptr, phones, deals);
    for (size_t i = 0; i < values.size(); ++i) {
      if (map.fields[i].attribute.name == attribute) return values[i].Wanted();
    }
    return std::nullopt;
  };
  const ResolvedMap table = Resolve(SeedRules(), Schema("EUR"), true);
  EXPECT_EQ(value(table, &totals, "WON_DEALS"), Value(1.0));
  EXPECT_EQ(value(table, &totals, "LOST_DEALS"), Value(2.0));
  EXPECT_EQ(value(table, &totals, "OPEN_DEALS"), Value(3.0));
  EXPECT_EQ(value(table, &totals, "CLOSED_DEALS"), Value(3.0));
  EXPECT_EQ(value(table, &totals, "LTV"), Value(9.5));
  for (const char* attribute : {"WON_DEALS", "LOST_DEALS", "OPEN_DEALS", "CLOSED_DEALS", "LTV"}) {
    EXPECT_EQ(value(table, nullptr, attribute), std::nullopt)
        << attribute << ": while the table is not whole nothing is known";
  }
  const ResolvedMap own = Resolve(SeedRules(), Schema("EUR"), false);
  EXPECT_EQ(value(own, &totals, "WON_DEALS"), Value(41.0));
  EXPECT_EQ(value(own, &totals, "CLOSED_DEALS"), Value(44.0));
  EXPECT_EQ(value(own, &totals, "LTV"), std::nullopt);
}

TEST(MapPerson, ReportsWhatOfTheRevenueIsLeftOut) {
  const DealTotals totals{.won = 2, .revenue = 10, .other_currency = "5.00 USD"};
  PhoneNormalizer phones("DE");
  const ResolvedMap map = Resolve(SeedRules(), Schema("EUR"), true);
  for (const MappedValue& mapped : MapPerson(map, Person{}, nullptr, phones, &totals)) {
    if (!mapped.loss) continue;
    EXPECT_EQ(mapped.loss, FailureReason::kOtherCurrency);
    EXPECT_EQ(mapped.value, Value(10.0)) << "the rest is written";
    EXPECT_THAT(mapped.loss_detail, HasSubstr("5.00 USD"));
    return;
  }
  ADD_FAILURE() << "nothing was reported";
}

}  // namespace
}  // namespace connector::mapping
