#include "sync/record_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace connector::sync {
namespace {

using ::testing::HasSubstr;

const std::string kKey(40, 'a');

PipedriveField Field(std::string type) {
  PipedriveField field;
  field.key = kKey;
  field.name = "Lead Source";
  field.type = std::move(type);
  field.is_custom = true;
  field.options = {{"7", "Website"}, {"8", "Trade fair"}};
  return field;
}

Tree Texts(const std::string& a, const std::string& b) { return {Tree::List{{a}, {b}}}; }

TEST(RecordValues, EveryTypeBothWays) {
  struct Row {
    const char* type;
    CustomValue value;
    Tree plain;
  };
  const Tree money{
      Tree::Members{{"amount", {std::string("12.50")}}, {"currency", {std::string("EUR")}}}};
  const Tree range{
      Tree::Members{{"from", {std::string("2026-01-01")}}, {"until", {std::string("2026-12-31")}}}};
  for (const Row& row :
       {Row{"varchar", std::string("x"), {std::string("x")}},
        Row{"date", std::string("2026-11-24"), {std::string("2026-11-24")}},
        Row{"double", 5.5, {5.5}}, Row{"enum", OptionIds{{7}}, {std::string("Website")}},
        Row{"set", OptionIds{{7, 8}}, Texts("Website", "Trade fair")},
        Row{"monetary", Monetary{12.5, "EUR"}, money},
        Row{"daterange", ValueRange{"2026-01-01", "2026-12-31"}, range},
        Row{"user", RecordRef{3}, {3.0}},
        Row{"address", std::string("Main St 1"), {std::string("Main St 1")}}}) {
    const PipedriveField field = Field(row.type);
    EXPECT_EQ(PlainValue(row.value, &field), row.plain) << row.type;
    const auto back = CustomValueOf(row.plain, field);
    ASSERT_TRUE(back.ok()) << row.type << ": " << back.status();
    EXPECT_EQ(*back, row.value) << row.type;
    EXPECT_EQ(*CustomValueOf(Tree{}, field), CustomValue{}) << row.type;
  }
}

TEST(RecordValues, SaysWhatAFieldTakes) {
  struct Row {
    const char* type;
    Tree plain;
    const char* text;
  };
  for (const Row& row : {Row{"enum", {std::string("Radio")}, "Website, Trade fair"},
                         Row{"enum", Texts("Website", "Trade fair"), "one label"},
                         Row{"set", Texts("Website", "Radio"), "\"Radio\""},
                         Row{"double", {std::string("many")}, "a number"},
                         Row{"date", {std::string("24.11.2026")}, "YYYY-MM-DD"},
                         Row{"monetary", {12.5}, "currency"}, Row{"varchar", {true}, "a text"}}) {
    const auto value = CustomValueOf(row.plain, Field(row.type));
    EXPECT_TRUE(absl::IsInvalidArgument(value.status())) << row.type;
    EXPECT_THAT(std::string(value.status().message()), HasSubstr(row.text));
  }
}

TEST(RecordValues, AFieldByKeyOrByItsOnlyName) {
  const std::vector<PipedriveField> fields = {Field("enum")};
  for (const std::string& name : {kKey, std::string("Lead Source"), std::string("lead_source")}) {
    const auto record =
        RecordOf(RecordKind::kPerson,
                 {{"name", {std::string("Ann")}},
                  {"custom_fields", {Tree::Members{{name, {std::string("website")}}}}}},
                 fields);
    ASSERT_TRUE(record.ok()) << record.status();
    ASSERT_EQ(record->custom_fields.size(), 1u);
    EXPECT_EQ(record->custom_fields[0].first, kKey);
    EXPECT_EQ(record->custom_fields[0].second, CustomValue(OptionIds{{7}}));
    EXPECT_EQ(record->members.size(), 1u);
  }
  const auto unknown = RecordOf(RecordKind::kPerson,
                                {{"custom_fields", {Tree::Members{{"Source", {1.0}}}}}}, fields);
  EXPECT_TRUE(absl::IsInvalidArgument(unknown.status()));
  EXPECT_THAT(std::string(unknown.status().message()), HasSubstr("custom_fields.Source"));
}

TEST(RecordValues, AnOptionThatIsGoneIsItsId) {
  const PipedriveField field = Field("enum");
  EXPECT_EQ(PlainValue(OptionIds{{99}}, &field), Tree{std::string("99")});
}

}  // namespace
}  // namespace connector::sync
