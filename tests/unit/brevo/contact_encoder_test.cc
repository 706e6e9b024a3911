#include "brevo/contact_encoder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "brevo/json_members.h"
#include "unit/brevo/writes.h"

namespace connector::brevo {
namespace {

using Labels = std::vector<std::string>;

std::string Encoded(const Value& value) {
  std::string out;
  AppendValue(out, value);
  return out;
}

TEST(AppendValue, WritesEveryKind) {
  EXPECT_EQ(Encoded({}), "\"\"");
  EXPECT_EQ(Encoded(true), "true");
  EXPECT_EQ(Encoded(false), "false");
  EXPECT_EQ(Encoded(std::string("a\"\\\n\x01ü")), R"("a\"\\\u000a\u0001ü")");
  EXPECT_EQ(Encoded(std::string("\xFF")), R"("\ufffd")");
  EXPECT_EQ(Encoded(Labels{"a", "b\""}), R"(["a","b\""])");
  EXPECT_EQ(Encoded(Labels{}), "[]");
  const std::pair<double, const char*> kNumbers[] = {
      {0, "0"},
      {-0.0, "0"},
      {12, "12"},
      {-3, "-3"},
      {12.5, "12.5"},
      {0.1, "0.1"},
      {1e15, "1000000000000000"},
      {1e21, "1000000000000000000000"},
      {1e-7, "0.0000001"},
      {std::nan(""), "\"\""},
      {std::numeric_limits<double>::infinity(), "\"\""}};
  for (const auto& [number, text] : kNumbers) EXPECT_EQ(Encoded(number), text);
  EXPECT_EQ(Encoded(std::numeric_limits<double>::max()).size(), 309u);
  EXPECT_GT(Encoded(std::numeric_limits<double>::denorm_min()).size(), 300u);
}

TEST(EncodeCreate, WritesExactBytes) {
  ContactWrite write;
  write.email = "a+b@example.com";
  write.ext_id = "pd-1-2";
  write.attributes = {{"FIRSTNAME", std::string("Zoë")}, {"LTV", 12.5}, {"TAGS", Labels{"x"}}};
  write.join_lists = {60, 61};
  write.leave_lists = {9};
  EXPECT_EQ(EncodeCreate(write), R"({"email":"a+b@example.com","ext_id":"pd-1-2",)"
                                 R"("attributes":{"FIRSTNAME":"Zoë","LTV":12.5,"TAGS":["x"]},)"
                                 R"("listIds":[60,61],"updateEnabled":false})");
  EXPECT_EQ(EncodeCreate(WriteOf("x@y.example")),
            R"({"email":"x@y.example","updateEnabled":false})");
}

TEST(EncodeUpdate, WritesExactBytes) {
  ContactWrite write;
  write.email = "new@example.com";
  write.attributes = {{"LASTNAME", {}}, {"SMS", std::string("")}, {"TAGS", Labels{}}};
  write.join_lists = {60};
  write.leave_lists = {61, 62};
  write.keep_email_block = true;
  EXPECT_EQ(EncodeUpdate(write),
            R"({"attributes":{"EMAIL":"new@example.com","LASTNAME":"","SMS":"","TAGS":[]},)"
            R"("listIds":[60],"unlinkListIds":[61,62],"emailBlacklisted":true})");
  ContactWrite ext_id;
  ext_id.ext_id = "pd-1-2";
  EXPECT_EQ(EncodeUpdate(ext_id), R"({"ext_id":"pd-1-2"})");
  EXPECT_EQ(EncodeUpdate({}), "{}");
}

TEST(EncodeEmails, WritesExactBytes) {
  EXPECT_EQ(EncodeEmails({"a@b.example", "c\"@d.example"}),
            R"({"emails":["a@b.example","c\"@d.example"]})");
}

}  // namespace
}  // namespace connector::brevo
