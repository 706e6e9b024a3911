#include "base/log.h"

#include <gtest/gtest.h>

#include <string>

namespace connector {
namespace {

std::string Escaped(std::string_view text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

TEST(AppendJsonStringTest, EscapesWhatJsonAndTerminalsRequire) {
  EXPECT_EQ(Escaped("plain"), "\"plain\"");
  EXPECT_EQ(Escaped("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(Escaped("line\nend\r\t"), R"("line\u000aend\u000d\u0009")");
  EXPECT_EQ(Escaped(std::string_view("nul\0", 4)), R"("nul\u0000")");
  EXPECT_EQ(Escaped("\x1b[31m\x7f"), R"("\u001b[31m\u007f")");
}

TEST(AppendJsonStringTest, KeepsValidUtf8) {
  for (const std::string_view text :
       {"Zo\xc3\xab", "\xe2\x82\xac", "\xf0\x9f\x99\x82", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xf4\x8f\xbf\xbf", "\xc2\x80", "\xe0\xa0\x80", "\xf0\x90\x80\x80"}) {
    EXPECT_EQ(Escaped(text), '"' + std::string(text) + '"');
  }
}

TEST(AppendJsonStringTest, ReplacesEveryByteOfInvalidUtf8) {
  const std::string bad = "\\ufffd";
  EXPECT_EQ(Escaped("\xff"), '"' + bad + '"');
  EXPECT_EQ(Escaped("a\x80z"), "\"a" + bad + "z\"");
  EXPECT_EQ(Escaped("\xc3"), '"' + bad + '"') << "cut short";
  EXPECT_EQ(Escaped("\xe2\x82"), '"' + bad + bad + '"') << "cut short";
  EXPECT_EQ(Escaped("\xe2\x82z"), '"' + bad + bad + "z\"");
  EXPECT_EQ(Escaped("\xc0\xaf"), '"' + bad + bad + '"') << "overlong";
  EXPECT_EQ(Escaped("\xe0\x9f\xbf"), '"' + bad + bad + bad + '"') << "overlong";
  EXPECT_EQ(Escaped("\xf0\x8f\xbf\xbf"), '"' + bad + bad + bad + bad + '"') << "overlong";
  EXPECT_EQ(Escaped("\xed\xa0\x80"), '"' + bad + bad + bad + '"') << "a surrogate";
  EXPECT_EQ(Escaped("\xf4\x90\x80\x80"), '"' + bad + bad + bad + bad + '"') << "above U+10FFFF";
  EXPECT_EQ(Escaped("\xf8\x88\x80\x80"), '"' + bad + bad + bad + bad + '"');
}

class LoggerTest : public ::testing::Test {
 protected:
  ManualClock clock_{Time(std::chrono::seconds(1'795'508'130))};
  std::string out_;
  Logger log_{clock_, LogLevel::kInfo, [this](std::string_view line) { out_ += line; }};
};

TEST_F(LoggerTest, WritesOneObjectALine) {
  log_.Info("it \"works\"", {{"text", "a\nb"}, {"number", 7}, {"yes", true}, {"no", false}});
  EXPECT_EQ(out_,
            "{\"time\":\"2026-11-24T08:15:30.000Z\",\"level\":\"info\",\"message\":\"it "
            "\\\"works\\\"\",\"text\":\"a\\u000ab\",\"number\":7,\"yes\":true,\"no\":false}\n");
}

TEST_F(LoggerTest, LeavesOutWhatIsBelowItsLevel) {
  log_.Debug("quiet");
  EXPECT_EQ(out_, "");
  log_.Warning("w");
  log_.Error("e");
  EXPECT_NE(out_.find("\"level\":\"warning\""), std::string::npos);
  EXPECT_NE(out_.find("\"level\":\"error\""), std::string::npos);
}

TEST_F(LoggerTest, KeysAreEscapedToo) {
  log_.Info("m", {{"a\"b", std::string("v")}});
  EXPECT_NE(out_.find("\"a\\\"b\":\"v\""), std::string::npos);
}

}  // namespace
}  // namespace connector
