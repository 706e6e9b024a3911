#include "pipedrive/custom_fields.h"

#include <gtest/gtest.h>

namespace connector::pipedrive {
namespace {

using http::JsonText;

const std::string kA(40, 'a');
const std::string kB(40, 'b');

struct Row {
  const char* json;
  const char* type;
  CustomValue value;
};

TEST(DecodeCustomValue, ReadsEveryShape) {
  const Row kRows[] = {
      {"null", "", {}},
      {"\"\"", "", {}},
      {"\"text\"", "", std::string("text")},
      {"\"2026-11-24\"", "date", std::string("2026-11-24")},
      {"12.5", "", 12.5},
      {"12", "", 12.0},
      {"12", "double", 12.0},
      {"\"12.5\"", "double", 12.5},
      {"\"n/a\"", "double", std::string("n/a")},
      {"12", "varchar", std::string("12")},
      {"true", "varchar", std::string("true")},
      // Options: v2, v1, with labels, typed objects of webhooks.
      {"123", "enum", OptionIds{{123}}},
      {"\"123\"", "enum", OptionIds{{123}}},
      {"\"123\"", "", std::string("123")},
      {"\"123,456\"", "set", OptionIds{{123, 456}}},
      {"\"123, 456\"", "set", OptionIds{{123, 456}}},
      {"\"123,456\"", "varchar", std::string("123,456")},
      {"\"red,blue\"", "set", std::string("red,blue")},
      {"[123,456]", "set", OptionIds{{123, 456}}},
      {"[123,456]", "", OptionIds{{123, 456}}},
      {"[\"123\",null,{}]", "set", OptionIds{{123}}},
      {"[]", "set", {}},
      {R"({"id":17,"label":"Retail"})", "enum", OptionIds{{17}}},
      {R"([{"id":17,"label":"Retail"},{"id":18}])", "set", OptionIds{{17, 18}}},
      {R"({"type":"enum","id":17})", "", OptionIds{{17}}},
      {R"({"type":"set","values":[{"id":13},{"id":14}]})", "", OptionIds{{13, 14}}},
      {R"({"type":"set","values":[]})", "", {}},
      // References.
      {"5", "user", RecordRef{5}},
      {"\"5\"", "people", RecordRef{5}},
      {R"({"type":"user","id":1})", "", RecordRef{1}},
      {R"({"id":1,"name":"Ada","value":1})", "user", RecordRef{1}},
      {R"({"name":"Acme","people_count":3,"value":9})", "org", RecordRef{9}},
      // Money.
      {R"({"value":10.5,"currency":"EUR"})", "monetary", Monetary{10.5, "EUR"}},
      {R"({"value":"10.5","currency":null})", "", Monetary{10.5, ""}},
      {R"({"value":null,"currency":"EUR"})", "", {}},
      {R"({"type":"monetary","value":10,"currency":"EUR"})", "", Monetary{10, "EUR"}},
      {"10", "monetary", Monetary{10, ""}},
      // Ranges.
      {R"({"value":"2026-01-01","until":"2026-02-01"})", "daterange",
       ValueRange{"2026-01-01", "2026-02-01"}},
      {R"({"value":"2026-01-01","until":null})", "daterange", ValueRange{"2026-01-01", ""}},
      {R"({"type":"daterange","from":"2026-01-01","until":"2026-02-01"})", "",
       ValueRange{"2026-01-01", "2026-02-01"}},
      {R"({"type":"timerange","from":"10:00:00","until":"11:00:00","timezone_id":3})", "",
       ValueRange{"10:00:00", "11:00:00"}},
      {R"({"value":null,"until":null})", "daterange", {}},
      // Times, addresses and typed texts.
      {R"({"value":"10:00:00","timezone_id":3,"timezone_name":"x"})", "time",
       std::string("10:00:00")},
      {R"({"value":"Main St 1","country":"US","locality":null})", "address",
       std::string("Main St 1")},
      {R"({"type":"varchar","value":"x"})", "", std::string("x")},
      {R"({"type":"double","value":3})", "", 3.0},
      {R"({"type":"varchar","value":null})", "", {}},
      // Nonsense.
      {"{}", "", {}},
      {"[[1]]", "", {}},
      {R"({"value":{"value":{}}})", "", {}},
      {R"({"values":"x"})", "", {}},
  };
  for (const Row& row : kRows) {
    JsonText json;
    ASSERT_TRUE(json.Parse(row.json)) << row.json;
    EXPECT_EQ(DecodeCustomValue(json.root(), row.type), row.value) << row.json << " " << row.type;
  }
}

TEST(DecodeCustomFields, KeepsTheWantedSortedWithoutEmpty) {
  Selection selection;
  selection.custom_keys = {kB, kA};
  selection.custom_types = {{kA, "enum"}};
  JsonText json;
  ASSERT_TRUE(json.Parse("{\"" + kB + "\":1,\"" + std::string(40, 'c') + "\":2,\"" + kA + "\":3}"));
  const CustomFields expected = {{kA, OptionIds{{3}}}, {kB, 1.0}};
  EXPECT_EQ(DecodeCustomFields(json.root(), WantedFields(selection)), expected);
  EXPECT_EQ(DecodeCustomFields(json.root(), WantedFields::All()).size(), 3u);
  EXPECT_TRUE(DecodeCustomFields(json.root(), WantedFields(Selection{})).empty());
  ASSERT_TRUE(json.Parse("[]"));
  EXPECT_TRUE(DecodeCustomFields(json.root(), WantedFields::All()).empty());
}

TEST(DecodeFlatCustomFields, JoinsKeysThatBelongTogether) {
  const std::string text = "{\"name\":\"x\",\"" + kA + "\":100,\"" + kA + "_currency\":\"EUR\",\"" +
                           kB + "\":\"2026-01-01\",\"" + kB + "_until\":\"2026-02-01\",\"" +
                           std::string(40, 'd') + "\":null,\"" + std::string(40, 'e') +
                           "\":\"12,13\"}";
  JsonText json;
  ASSERT_TRUE(json.Parse(text));
  const CustomFields expected = {{kA, Monetary{100, "EUR"}},
                                 {kB, ValueRange{"2026-01-01", "2026-02-01"}},
                                 {std::string(40, 'e'), std::string("12,13")}};
  EXPECT_EQ(DecodeFlatCustomFields(json.root(), WantedFields::All()), expected);
  Selection selection;
  selection.custom_keys = {std::string(40, 'e')};
  selection.custom_types = {{std::string(40, 'e'), "set"}};
  EXPECT_EQ(DecodeFlatCustomFields(json.root(), WantedFields(selection)),
            (CustomFields{{std::string(40, 'e'), OptionIds{{12, 13}}}}));
}

}  // namespace
}  // namespace connector::pipedrive
