#include "mapping/attribute_value.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "schema.h"

namespace connector::mapping {
namespace {

using Labels = std::vector<std::string>;

Value T(const char* text) { return std::string(text); }

struct Row {
  BrevoAttribute attribute;
  Value seen;
  Value expected;
};

const BrevoAttribute kText = Attribute("X");
const BrevoAttribute kNumber = Attribute("X", AttributeType::kNumber);
const BrevoAttribute kDate = Attribute("X", AttributeType::kDate);
const BrevoAttribute kBoolean = Attribute("X", AttributeType::kBoolean);
const BrevoAttribute kCategory = Attribute("X", AttributeType::kCategory, {"Small", "Big", "1"});
const BrevoAttribute kChoice = Attribute("X", AttributeType::kMultipleChoice, {"a", "b"});
const BrevoAttribute kSms = Attribute("SMS");

TEST(NormalizeSeen, Table) {
  const std::vector<Row> rows = {
      {kText, T(" x "), T("x")},
      {kText, T("  "), {}},
      {kText, 42.0, T("42")},
      {kText, true, T("true")},
      {kNumber, T("42"), 42.0},
      {kNumber, T(" 1234.50 "), 1234.5},
      {kNumber, T("many"), T("many")},
      {kNumber, 7.0, 7.0},
      {kDate, T("2026-11-24"), T("2026-11-24")},
      {kDate, T("2026-11-24T10:00:00.000Z"), T("2026-11-24")},
      {kDate, T("2026-11-24 10:00:00"), T("2026-11-24")},
      {kDate, T("24-11-2026"), T("24-11-2026")},
      {kBoolean, true, true},
      {kBoolean, 0.0, false},
      {kBoolean, T("Yes"), true},
      {kCategory, 2.0, T("Big")},
      {kCategory, T("2"), T("Big")},
      {kCategory, T("1"), T("1")},  // a label comes before a number
      {kCategory, T("small"), T("Small")},
      {kCategory, 9.0, T("9")},
      {kCategory, T("gone"), T("gone")},
      {kChoice, Labels{"b", "", "a", "b"}, Labels{"a", "b"}},
      {kChoice, T("b"), Labels{"b"}},
      {kChoice, Labels{}, {}},
      {kSms, T("+49 30 1234567"), T("49301234567")},
      {kSms, 49301234567.0, T("49301234567")},
      {kSms, T("unknown"), T("unknown")},
      {Attribute("X", AttributeType::kOther), T(" x "), T(" x ")},
      {kText, {}, {}},
      {kNumber, T(""), {}},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(NormalizeSeen(row.attribute, row.seen), row.expected)
        << AttributeTypeName(row.attribute.type) << " " << ToText(row.seen);
    EXPECT_EQ(NormalizeSeen(row.attribute, row.expected), row.expected) << "twice";
  }
}

struct Pair {
  BrevoAttribute attribute;
  Value a;
  Value b;
  bool same;
};

TEST(SameValue, Table) {
  const std::vector<Pair> rows = {
      {kText, T("x"), T("x "), true},
      {kText, T("x"), T("X"), false},
      {kText, T("a b"), T("a  b"), false},
      {kText, {}, T(""), true},
      {kText, {}, T(" "), true},
      {kText, {}, T("x"), false},
      {kText, T("3"), 3.0, true},
      {kChoice, {}, Labels{}, true},
      {kSms, T("49301234567"), T("+49 30 1234567"), true},
      {kSms, T("49301234567"), T("49301234568"), false},
      {kSms, T("4930123456"), T("49301234567"), false},
      {kSms, T("unknown"), T("none"), false},
      {kSms, T("unknown"), T(""), false},
      {Attribute("WHATSAPP"), T("+49 30 1"), T("49301"), true},
      {kText, T("49301234567"), T("+49 30 1234567"), false},
      {kNumber, 3.0, 3.0, true},
      {kNumber, 3.0, T("3.00"), true},
      {kNumber, 0.0, {}, false},
      {kNumber, 0.0, -0.0, true},
      {kNumber, 1e15, 1e15 + 1, false},
      {kDate, T("2026-11-24"), T("2026-11-24"), true},
      {kBoolean, true, T("1"), true},
      {kBoolean, false, {}, false},
      {kCategory, T("Big"), 2.0, true},
      {kCategory, T("Big"), T("big"), false},
      {kChoice, Labels{"a", "b"}, Labels{"b", "a"}, true},
      {kChoice, Labels{"a"}, Labels{"A"}, false},
      {kChoice, Labels{"a"}, T("a"), true},
  };
  for (const Pair& row : rows) {
    EXPECT_EQ(SameValue(row.attribute, row.a, row.b), row.same)
        << AttributeTypeName(row.attribute.type) << " " << ToText(row.a) << " | " << ToText(row.b);
    EXPECT_EQ(SameValue(row.attribute, row.b, row.a), row.same) << "the other way round";
  }
}

}  // namespace
}  // namespace connector::mapping
