// Custom fields of every type against attributes of every type.

#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "mapping/person_mapper.h"
#include "schema.h"

namespace connector::mapping {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

using Labels = std::vector<std::string>;

Value T(const char* text) { return std::string(text); }

const std::vector<FieldOption> kOptions = {{"1", "Red"}, {"2", "green"}, {"3", "Blue"},
                                           {"4", "Yes"}, {"5", "42"},    {"6", " "}};

const BrevoAttribute kText = Attribute("X");
const BrevoAttribute kNumber = Attribute("X", AttributeType::kNumber);
const BrevoAttribute kDate = Attribute("X", AttributeType::kDate);
const BrevoAttribute kBoolean = Attribute("X", AttributeType::kBoolean);
const BrevoAttribute kCategory =
    Attribute("X", AttributeType::kCategory, {"RED", "Red", "Green", "42"});
const BrevoAttribute kChoice =
    Attribute("X", AttributeType::kMultipleChoice, {"Red", "Green", "Yes"});
const BrevoAttribute kSms = Attribute("SMS");

MappedValue MapCustom(const char* type, const CustomValue& value, const BrevoAttribute& attribute) {
  static PhoneNormalizer phones("DE");
  ResolvedMap map;
  map.fields.push_back(
      {SourceKind::kPersonCustomField, Field('a', "Colour", type, kOptions), attribute, {}, {}});
  Person person;
  person.custom_fields = {{Key('a'), value}};
  return MapPerson(map, person, nullptr, phones).at(0);
}

struct Row {
  const char* type;
  CustomValue value;
  BrevoAttribute attribute;
  std::optional<Value> wanted;  // none: lost
};

CustomValue S(const char* text) { return std::string(text); }

TEST(CustomValues, Table) {
  const std::vector<Row> rows = {
      {"varchar", S(" a  b "), kText, T("a  b")},
      {"varchar", S(""), kText, Value()},
      {"varchar", std::monostate(), kText, Value()},
      {"varchar", S("1234.50"), kNumber, 1234.5},
      {"varchar", S("+3"), kNumber, 3.0},
      {"varchar", S("-0.5"), kNumber, -0.5},
      {"varchar", S("1.234,50"), kNumber, std::nullopt},
      {"varchar", S("12 pieces"), kNumber, std::nullopt},
      {"varchar", S("nan"), kNumber, std::nullopt},
      {"varchar", S("inf"), kNumber, std::nullopt},
      {"varchar", S("0x10"), kNumber, std::nullopt},
      {"varchar", S("1e999"), kNumber, std::nullopt},
      {"varchar", S("  "), kNumber, Value()},
      {"double", 42.0, kNumber, 42.0},
      {"double", 42.0, kText, T("42")},
      {"double", 0.1, kText, T("0.1")},
      {"double", 1e10, kText, T("10000000000")},
      {"double", 42.0, kCategory, T("42")},
      {"double", 1.0, kBoolean, true},
      {"double", 3.0, kBoolean, std::nullopt},
      {"double", std::numeric_limits<double>::infinity(), kNumber, std::nullopt},
      {"monetary", Monetary{1234.5, "EUR"}, kNumber, 1234.5},
      {"monetary", Monetary{1234.5, "EUR"}, kText, T("1234.50 EUR")},
      {"monetary", Monetary{1000, "JPY"}, kText, T("1000.00 JPY")},
      {"monetary", Monetary{1.2345, ""}, kText, T("1.2345")},
      {"monetary", 7.5, kText, T("7.50")},
      {"date", S("2026-11-24"), kDate, T("2026-11-24")},
      {"date", S("2024-02-29"), kDate, T("2024-02-29")},
      {"date", S("2026-02-29"), kDate, std::nullopt},
      {"date", S("2026-13-01"), kDate, std::nullopt},
      {"date", S("24.11.2026"), kDate, std::nullopt},
      {"date", S("2026-11-24T08:15:30Z"), kDate, T("2026-11-24")},
      {"date", S("2026-11-24 08:15:30"), kDate, T("2026-11-24")},
      {"date", S("2026-11-24 or so"), kDate, std::nullopt},
      {"date", S("2026-11-24"), kText, T("2026-11-24")},
      {"daterange", ValueRange{"2026-11-24", "2026-11-30"}, kDate, T("2026-11-24")},
      {"daterange", ValueRange{"2026-11-24", "2026-11-30"}, kText, T("2026-11-24 - 2026-11-30")},
      {"daterange", ValueRange{"", "2026-11-30"}, kDate, Value()},
      {"daterange", ValueRange{"2026-11-24", ""}, kText, T("2026-11-24")},
      {"time", S("08:15:30"), kText, T("08:15:30")},
      {"timerange", ValueRange{"08:00", "09:00"}, kText, T("08:00 - 09:00")},
      {"varchar", S("YES"), kBoolean, true},
      {"varchar", S("false"), kBoolean, false},
      {"varchar", S("0"), kBoolean, false},
      {"varchar", S("maybe"), kBoolean, std::nullopt},
      {"enum", OptionIds{{4}}, kBoolean, true},
      {"enum", OptionIds{{1}}, kBoolean, std::nullopt},
      {"enum", OptionIds{{1}}, kText, T("Red")},
      {"enum", OptionIds{{1}}, kCategory, T("Red")},    // exactly, before RED
      {"enum", OptionIds{{2}}, kCategory, T("Green")},  // in Brevo's spelling
      {"enum", OptionIds{{3}}, kCategory, std::nullopt},
      {"enum", OptionIds{{5}}, kNumber, 42.0},
      {"enum", OptionIds{{9}}, kText, std::nullopt},
      {"enum", OptionIds{{6}}, kText, std::nullopt},
      {"enum", OptionIds{}, kText, Value()},
      {"enum", OptionIds{{2}}, kChoice, Labels{"Green"}},
      {"enum", 1.0, kText, T("Red")},  // from a decoder that doesn't know the type
      {"enum", S("1"), kText, T("Red")},
      {"enum", S("Red"), kCategory, T("Red")},
      {"set", OptionIds{{4, 1, 2}}, kChoice, Labels{"Green", "Red", "Yes"}},
      {"set", OptionIds{{1, 1}}, kChoice, Labels{"Red"}},
      {"set", OptionIds{{3}}, kChoice, std::nullopt},
      {"set", OptionIds{{2, 1, 3}}, kText, T("Blue, Red, green")},
      {"set", S("1, 3"), kText, T("Blue, Red")},
      {"set", OptionIds{}, kChoice, Value()},
      {"varchar", S("red"), kChoice, Labels{"Red"}},
      {"user", RecordRef{17}, kNumber, 17.0},
      {"org", RecordRef{17}, kText, T("17")},
      {"people", 17.0, kText, T("17")},
      {"address", S("Weg 1, 12345 Berlin"), kText, T("Weg 1, 12345 Berlin")},
      {"phone", S("030 1234567"), kSms, T("49301234567")},
      {"phone", S("030 1234567"), kText, T("030 1234567")},
      {"varchar", S("n/a"), kSms, std::nullopt},
      {"varchar", S(" "), kSms, Value()},
  };
  for (const Row& row : rows) {
    const MappedValue mapped = MapCustom(row.type, row.value, row.attribute);
    const auto context = [&] {
      return std::string(row.type) + " (form " + std::to_string(row.value.index()) + ") to " +
             std::string(AttributeTypeName(row.attribute.type)) + ": " + ToText(mapped.value);
    };
    EXPECT_EQ(mapped.Wanted(), row.wanted) << context();
    EXPECT_EQ(mapped.loss.has_value(), !row.wanted) << context();
    EXPECT_EQ(mapped.loss_detail.empty(), !mapped.loss) << context();
  }
}

TEST(CustomValues, AnUnknownLabelIsNamedWithTheRemedy) {
  const MappedValue mapped = MapCustom("enum", OptionIds{{3}}, kCategory);
  EXPECT_EQ(mapped.loss, FailureReason::kInvalidValue);
  EXPECT_THAT(mapped.loss_detail,
              AllOf(HasSubstr("\"Blue\" is no option of the attribute X"),
                    HasSubstr("add it in Brevo under Contacts > Settings > Contact attributes")));
}

TEST(CustomValues, AVanishedOptionIsNamed) {
  EXPECT_THAT(MapCustom("enum", OptionIds{{9}}, kText).loss_detail,
              HasSubstr("option 9 of Pipedrive's field \"Colour\" doesn't exist any more"));
}

TEST(CustomValues, OfASetTheRestIsKept) {
  const MappedValue mapped = MapCustom("set", OptionIds{{1, 3, 9, 2}}, kChoice);
  EXPECT_EQ(mapped.Wanted(), Value(Labels{"Green", "Red"}));
  EXPECT_EQ(mapped.loss, FailureReason::kInvalidValue);
  EXPECT_THAT(mapped.loss_detail, AllOf(HasSubstr("option 9"), HasSubstr("\"Blue\"")));
}

TEST(CustomValues, ALostValueTellsItsFormOnly) {
  EXPECT_THAT(MapCustom("date", S("24.12.1970"), kDate).loss_detail, HasSubstr("\"99.99.9999\""));
  EXPECT_THAT(MapCustom("varchar", S("J\xC3\xB6rg 7"), kNumber).loss_detail,
              HasSubstr("\"aaaa 9\""));
  EXPECT_THAT(MapCustom("varchar", CustomValue(std::string(99, 'q')), kNumber).loss_detail,
              HasSubstr("\"" + std::string(40, 'a') + "...\""));
}

}  // namespace
}  // namespace connector::mapping
