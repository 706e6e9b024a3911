#include "worker/event_key.h"

#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "pipedrive/webhook_decoder.h"

namespace connector::worker {
namespace {

SourceEvent Decode(const std::string& body) {
  auto event = pipedrive::DecodeWebhook(body);
  EXPECT_TRUE(event.ok()) << event.status() << body;
  return event.ok() ? *std::move(event) : SourceEvent{};
}
std::string KeyOf(const std::string& body) { return EventKey(Decode(body), body); }

std::string V2(const std::string& event_id, const std::string& attempt = "1",
               const std::string& entity = "person", const std::string& id = "8") {
  return absl::StrCat(R"({"meta":{"action":"change","entity":")", entity, R"(","entity_id":")", id,
                      R"(","id":")", event_id, R"(","attempt":)", attempt,
                      R"(,"timestamp":"2026-01-02T03:04:05.678Z","version":"2.0"},"data":{"id":)",
                      id, R"(,"name":"A"},"previous":{}})");
}
std::string V1(const std::string& retry, const std::string& micros, const std::string& name = "A",
               const std::string& action = "updated") {
  return absl::StrCat(R"({"v":1,"retry":)", retry, R"(,"meta":{"action":")", action,
                      R"(","object":"person","id":8,"timestamp":1700000000)",
                      micros.empty() ? "" : absl::StrCat(R"(,"timestamp_micro":)", micros),
                      R"(},"current":{"id":8,"name":")", name, R"("},"previous":null})");
}
std::string Topic(const std::string& stage, const std::string& extra = "") {
  return absl::StrCat(R"({"topic":"deal.stage_changed",)", extra,
                      R"("payload":{"dealId":8,"newStage":)", stage, "}}");
}

TEST(EventKey, ALaneIsARecord) {
  EXPECT_EQ(EventLane(Decode(V2("e"))), "person/8");
  EXPECT_EQ(EventLane(Decode(Topic("1"))), "deal/8");
  EXPECT_EQ(EventLane(Decode(V2("e", "1", "boards"))), "boards/8");
}

TEST(EventKey, AnAttemptIsNoNewEvent) {
  EXPECT_EQ(KeyOf(V2("e")), KeyOf(V2("e", "4")));
  EXPECT_EQ(KeyOf(V1("0", "1700000000123456")), KeyOf(V1("3", "1700000000123456")));
  EXPECT_EQ(KeyOf(V1("0", "")), KeyOf(V1("3", "")));
}

TEST(EventKey, AnotherChangeIsANewEvent) {
  const std::set<std::string> keys = {
      KeyOf(V2("e")),
      KeyOf(V2("f")),
      KeyOf(V2("e", "1", "person", "9")),
      KeyOf(V2("e", "1", "deal")),
      KeyOf(V1("0", "1700000000123456")),
      KeyOf(V1("0", "1700000000123457")),
      KeyOf(V1("0", "1700000000123456", "A", "added")),
      KeyOf(V1("0", "")),
      KeyOf(V1("0", "", "B")),
      KeyOf(Topic("1", R"("eventId":"1",)")),
      KeyOf(Topic("1", R"("eventId":"2",)")),
      KeyOf(Topic("1", R"("timestamp":1700000000,)")),
      KeyOf(Topic("2", R"("timestamp":1700000000,)")),
  };
  EXPECT_EQ(keys.size(), 13U);
}

TEST(EventKey, AHintWithoutIdOrTimeTellsNoKey) { EXPECT_EQ(KeyOf(Topic("1")), ""); }

class HintKeysTest : public testing::Test {
 protected:
  std::string Key(const std::string& body) { return keys_.KeyOf(Decode(body), body, clock_.Now()); }
  ManualClock clock_;
  HintKeys keys_;
};

TEST_F(HintKeysTest, TheSameMessageAtOnceIsARepetition) {
  const std::string key = Key(Topic("1"));
  clock_.Advance(std::chrono::seconds(59));
  EXPECT_EQ(Key(Topic("1")), key);
  clock_.Advance(std::chrono::minutes(1));
  EXPECT_NE(Key(Topic("1")), key) << "later it is said in earnest";
}

TEST_F(HintKeysTest, ThereAndBackAndThereAgainAreThreeChanges) {
  const std::string there = Key(Topic("1"));
  const std::string back = Key(Topic("2"));
  const std::string again = Key(Topic("1"));
  EXPECT_EQ((std::set<std::string>{there, back, again}).size(), 3U);
}

TEST_F(HintKeysTest, RecordsAreApart) {
  const std::string other = absl::StrReplaceAll(Topic("1"), {{"8", "9"}});
  const std::string key = Key(Topic("1"));
  EXPECT_NE(Key(other), key);
  EXPECT_EQ(Key(Topic("1")), key);
}

TEST_F(HintKeysTest, WhatIsRememberedIsBounded) {
  const std::string key = Key(Topic("1"));
  for (int id = 100; id < 30'100; ++id) {
    Key(absl::StrReplaceAll(Topic("1"), {{"\"dealId\":8", absl::StrCat("\"dealId\":", id)}}));
  }
  EXPECT_NE(Key(Topic("1")), key) << "forgotten, and so handled again: harmless";
}

}  // namespace
}  // namespace connector::worker
