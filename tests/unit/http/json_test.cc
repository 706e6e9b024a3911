#include "http/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace connector::http {
namespace {

using ::testing::ElementsAre;

TEST(JsonValue, ReadsScalarsTolerantly) {
  JsonText json;
  ASSERT_TRUE(json.Parse(
      R"({"i":12,"d":1.5,"w":3.0,"t":"7","n":null,"b":true,"one":1,"s":"x","e":"","big":1e300,
          "u":18446744073709551615,"a":[1],"o":{"x":{"y":2}}})"));
  const JsonValue root = json.root();
  EXPECT_EQ(root["i"].Integer(), 12);
  EXPECT_EQ(root["w"].Integer(), 3);
  EXPECT_EQ(root["t"].Integer(), 7);
  EXPECT_EQ(root["t"].Number(), 7.0);
  for (const char* name : {"d", "n", "s", "e", "big", "u", "a", "o", "missing"}) {
    EXPECT_EQ(root[name].Integer(), std::nullopt) << name;
  }
  EXPECT_EQ(root["b"].Flag(), true);
  EXPECT_EQ(root["one"].Flag(), true);
  EXPECT_EQ(root["i"].Flag(), std::nullopt);
  EXPECT_EQ(root["s"].Flag(), std::nullopt);
  EXPECT_EQ(root["i"].ScalarText(), "12");
  EXPECT_EQ(root["d"].ScalarText(), "1.5");
  EXPECT_EQ(root["b"].ScalarText(), "true");
  EXPECT_EQ(root["a"].ScalarText(), std::nullopt);
  EXPECT_EQ(root["o"]["x"]["y"].Integer(), 2);
  EXPECT_EQ(root["i"]["x"]["y"].kind(), JsonValue::Kind::kMissing);
  EXPECT_FALSE(root["n"].HasValue());
  EXPECT_FALSE(JsonValue().HasValue());
}

TEST(JsonText, RefusesWhatIsNotOneWholeValue) {
  JsonText json;
  for (const char* text : {"", " ", "{", "[1,2", R"({"a":1} x)", "\"\xFF\"", "<html>", "nul"}) {
    EXPECT_FALSE(json.Parse(text)) << text;
    EXPECT_EQ(json.root().kind(), JsonValue::Kind::kMissing);
  }
}

struct Walked {
  JsonList list = JsonList::kMissing;
  std::vector<std::string> records;
  std::vector<std::string> members;
};

Walked Walk(std::string_view text) {
  Walked out;
  out.list = WalkJsonList(
      text, "data",
      [&out](JsonValue record, std::string_view raw) {
        out.records.push_back(record.HasValue() ? record["id"].ScalarText().value_or("?")
                                                : "bad " + FindRawId(raw));
      },
      [&out](std::string_view name, JsonValue) { out.members.emplace_back(name); });
  return out;
}

TEST(WalkJsonList, GivesRecordsAndOtherMembers) {
  const Walked walked = Walk(
      R"( {"success":true, "data" : [ {"id":1} , {"id":2,"x":[{"data":[]}]} ,{"id":3}], "more":{"a":[]}} )");
  EXPECT_EQ(walked.list, JsonList::kRead);
  EXPECT_THAT(walked.records, ElementsAre("1", "2", "3"));
  EXPECT_THAT(walked.members, ElementsAre("success", "more"));
}

TEST(WalkJsonList, TellsNullAndMissingApart) {
  EXPECT_EQ(Walk(R"({"data": null})").list, JsonList::kNull);
  EXPECT_EQ(Walk(R"({"data": {"id":1}})").list, JsonList::kMissing);
  EXPECT_EQ(Walk(R"({})").list, JsonList::kMissing);
  EXPECT_EQ(Walk(R"({"data":[]})").list, JsonList::kRead);
}

TEST(WalkJsonList, ABadRecordCostsOnlyItself) {
  const Walked walked = Walk(
      R"({"data":[{"id":1},{"id":2,"n":123456789012345678901234567890},{"id":3,"s":"\ud83d"},
          7,null,"x",[],{"id":4,"n":01},{"id":5}],"m":1})");
  EXPECT_EQ(walked.list, JsonList::kRead);
  EXPECT_THAT(walked.records,
              ElementsAre("1", "bad 2", "bad 3", "?", "bad ", "?", "?", "bad 4", "5"));
  EXPECT_THAT(walked.members, ElementsAre("m"));
}

TEST(WalkJsonList, RefusesEveryTruncation) {
  const std::string whole =
      R"({"success":true,"data":[{"id":1,"e":["}","]"]},{"id":2}],"more":{"a":1}})";
  ASSERT_EQ(Walk(whole).list, JsonList::kRead);
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(Walk(whole.substr(0, size)).list, JsonList::kUnreadable) << whole.substr(0, size);
  }
  for (const char* text :
       {"null", "[]", "7", "\"x\"", "<html>", "{\"data\":[]} x", "{\"data\":[\"\xFF\"]}"}) {
    EXPECT_EQ(Walk(text).list, JsonList::kUnreadable) << text;
  }
}

TEST(WalkJsonList, LeavesOutLargeMembers) {
  const std::string large(70'000, 'x');
  EXPECT_THAT(Walk("{\"data\":[],\"related\":\"" + large + "\",\"m\":1}").members,
              ElementsAre("m"));
}

TEST(JsonText, TheDepthIsBoundedAnewWithEachText) {
  JsonText json;
  EXPECT_TRUE(json.Parse("[[[1]]]", 4));
  EXPECT_FALSE(json.Parse("[[[[[1]]]]]", 4));
  EXPECT_EQ(json.root().kind(), JsonValue::Kind::kMissing);
  EXPECT_TRUE(json.Parse("[[[[[1]]]]]"));
  EXPECT_FALSE(json.Parse("[[[[[1]]]]]", 4));
}

}  // namespace
}  // namespace connector::http
