#include "pipedrive/custom_field_encoder.h"

#include <gtest/gtest.h>

#include <limits>

namespace connector::pipedrive {
namespace {

struct Row {
  CustomValue value;
  const char* type;
  const char* v2;
  const char* v1;
};

TEST(CustomFieldEncoder, WritesEveryType) {
  const Row kRows[] = {
      {{}, "", R"({"k":null})", R"({"k":null})"},
      {std::string("a\"b"), "varchar", R"({"k":"a\"b"})", R"({"k":"a\"b"})"},
      {std::string("2026-11-24"), "date", R"({"k":"2026-11-24"})", R"({"k":"2026-11-24"})"},
      {12.5, "double", R"({"k":12.5})", R"({"k":12.5})"},
      {12.0, "varchar", R"({"k":"12"})", R"({"k":"12"})"},
      {std::numeric_limits<double>::infinity(), "double", R"({"k":null})", R"({"k":null})"},
      {OptionIds{{17}}, "enum", R"({"k":17})", R"({"k":17})"},
      {OptionIds{{17}}, "", R"({"k":17})", R"({"k":17})"},
      {OptionIds{{17}}, "set", R"({"k":[17]})", R"({"k":"17"})"},
      {OptionIds{{17, 18}}, "set", R"({"k":[17,18]})", R"({"k":"17,18"})"},
      {OptionIds{}, "set", R"({"k":null})", R"({"k":null})"},
      {Monetary{10.5, "EUR"}, "monetary", R"({"k":{"value":10.5,"currency":"EUR"}})",
       R"({"k":10.5,"k_currency":"EUR"})"},
      {ValueRange{"2026-01-01", "2026-12-31"}, "daterange",
       R"({"k":{"value":"2026-01-01","until":"2026-12-31"}})",
       R"({"k":"2026-01-01","k_until":"2026-12-31"})"},
      {std::string("08:30:00"), "time", R"({"k":{"value":"08:30:00"}})", R"({"k":"08:30:00"})"},
      {std::string("Main St 1"), "address", R"({"k":{"value":"Main St 1"}})",
       R"({"k":"Main St 1"})"},
      {RecordRef{5}, "user", R"({"k":5})", R"({"k":5})"},
  };
  for (const Row& row : kRows) {
    std::string v2, v1;
    http::JsonMembers fields(v2);
    AppendCustomV2(fields, "k", row.value, row.type);
    fields.Close();
    EXPECT_EQ(v2, row.v2) << row.type;
    http::JsonMembers record(v1);
    AppendCustomV1(record, "k", row.value, row.type);
    record.Close();
    EXPECT_EQ(v1, row.v1) << row.type;
  }
}

}  // namespace
}  // namespace connector::pipedrive
