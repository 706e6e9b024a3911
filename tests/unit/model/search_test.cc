#include "model/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "model/currency.h"

namespace connector {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

TEST(SearchQueryTest, TypesHavePipedrivesNames) {
  for (int i = 1; i <= 8; ++i) {
    const auto type = static_cast<SearchItemType>(i);
    EXPECT_EQ(ParseSearchItemType(SearchItemTypeName(type)), type);
  }
  EXPECT_EQ(SearchItemTypeName(SearchItemType::kMailAttachment), "mail_attachment");
  EXPECT_EQ(ParseSearchItemType("quote"), SearchItemType::kUnknown);
  EXPECT_EQ(ParseSearchItemType(""), SearchItemType::kUnknown);
}

TEST(SearchQueryTest, NormalizesTheOrderAndTheBlanks) {
  const SearchQuery query =
      Normalized({.term = "  Ann Lee\n",
                  .types = {SearchItemType::kLead, SearchItemType::kDeal, SearchItemType::kLead},
                  .fields = {"phone", "email", "phone"}});
  EXPECT_EQ(query.term, "Ann Lee");
  EXPECT_THAT(query.types, ElementsAre(SearchItemType::kDeal, SearchItemType::kLead));
  EXPECT_THAT(query.fields, ElementsAre("email", "phone"));
}

TEST(SearchQueryTest, ChecksWhatPipedriveWouldRefuse) {
  const std::string long_word(500, 'x');
  const SearchQuery good[] = {
      {.term = "ab"},
      {.term = "\xc3\xa9\xc3\xa8"},  // two characters in four bytes
      {.term = "a", .exact_match = true},
      {.term = long_word},
      {.term = "ab", .types = {SearchItemType::kFile}, .fields = {"name", "custom_fields"}},
      {.term = "ab", .page_size = 1},
      {.term = "ab", .page_size = 100},
  };
  for (const SearchQuery& query : good) EXPECT_TRUE(CheckSearch(query).ok()) << query.term;
  const std::pair<SearchQuery, const char*> bad[] = {
      {{.term = ""}, "term: "},
      {{.term = "", .exact_match = true}, "term: "},
      {{.term = "a"}, "term: "},
      {{.term = "\xc3\xa9"}, "term: "},
      {{.term = long_word + "y"}, "term: "},
      {{.term = "ab", .types = {SearchItemType::kUnknown}}, "item_types: "},
      {{.term = "ab", .fields = {"name", "colour"}}, "fields: "},
      {{.term = "ab", .fields = {""}}, "fields: "},
      {{.term = "ab", .page_size = 0}, "page_size: "},
      {{.term = "ab", .page_size = 101}, "page_size: "},
  };
  for (const auto& [query, field] : bad) {
    const absl::Status status = CheckSearch(query);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << query.term;
    EXPECT_THAT(std::string(status.message()), StartsWith(field));
  }
}

TEST(SearchQueryTest, KeysTellQueriesApartAndPagesNot) {
  const SearchQuery base{.term = "Ann"};
  SearchQuery other_page = base;
  other_page.cursor = "x";
  EXPECT_EQ(SearchKey(base), SearchKey(other_page));
  EXPECT_EQ(SearchKey(base), SearchKey({.term = "aNN"}));
  const std::set<std::string> keys = {
      SearchKey(base),
      SearchKey({.term = "Anna"}),
      SearchKey({.term = "Ann", .types = {SearchItemType::kDeal}}),
      SearchKey({.term = "Ann", .types = {SearchItemType::kDeal, SearchItemType::kPerson}}),
      SearchKey({.term = "Ann", .fields = {"name"}}),
      SearchKey({.term = "Ann", .exact_match = true}),
      SearchKey({.term = "Ann", .related_items = true}),
      SearchKey({.term = "Ann", .page_size = 51}),
      SearchKey({.term = "1;50;Ann"}),
  };
  EXPECT_EQ(keys.size(), 9u);
}

TEST(AmountTextTest, HasTheDigitsOfTheCurrency) {
  EXPECT_EQ(AmountText(1234.5, "EUR"), "1234.50");
  EXPECT_EQ(AmountText(0, "USD"), "0.00");
  EXPECT_EQ(AmountText(-0.1 - 0.2, "EUR"), "-0.30");
  EXPECT_EQ(AmountText(1234, "JPY"), "1234");
  EXPECT_EQ(AmountText(1.5, "KWD"), "1.500");
  EXPECT_EQ(AmountText(7, "XYZ"), "7.00");
  EXPECT_EQ(AmountText(7, ""), "7.00");
  EXPECT_EQ(AmountText(1e15, "EUR"), "1000000000000000.00");
}

}  // namespace
}  // namespace connector
