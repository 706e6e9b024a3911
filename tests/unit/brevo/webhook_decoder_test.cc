#include "brevo/webhook_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_format.h"

namespace connector::brevo {
namespace {

using Kind = BrevoChange::Kind;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::vector<BrevoChange> Decode(const std::string& body) {
  auto decoded = DecodeWebhook(body);
  EXPECT_TRUE(decoded.ok()) << decoded.status() << "\n" << body;
  if (!decoded.ok()) return {};
  EXPECT_EQ(decoded->unreadable, 0) << body;
  return decoded->changes;
}

// The only change of a body, without its key.
BrevoChange One(const std::string& body) {
  const auto changes = Decode(body);
  EXPECT_EQ(changes.size(), 1u) << body;
  if (changes.size() != 1) return {};
  BrevoChange change = changes[0];
  change.key.clear();
  return change;
}

BrevoChange Updated(const std::string& email) {
  BrevoChange change;
  change.kind = Kind::kContactUpdated;
  change.event = "contact_updated";
  change.webhook_id = 10;
  change.email = email;
  change.occurred_at = ParseTime("2026-08-25T09:04:09Z");
  return change;
}

TEST(BrevoWebhook, AnUpdateNamesWhatChanged) {
  BrevoChange expected = Updated("a@b.example");
  expected.attributes = {{"FIRSTNAME", std::string("Ann")},
                         {"LASTNAME", Value()},
                         {"LTV", 2.5},
                         {"TAGS", std::vector<std::string>{"a", "b"}},
                         {"VIP", true}};
  expected.new_email = "new@b.example";
  expected.api_key_name = "sync";
  EXPECT_EQ(One(R"({"id":10,"event":"contact_updated","email":"a@b.example",
                    "date":"2026-08-25 11:04:09","ts":1787648649,"api_key_name":"sync",
                    "content":[{"email":"a@b.example","attributes":{"FIRSTNAME":"Ann","LTV":2.5,
                    "VIP":true,"TAGS":["b","a"],"LASTNAME":null,"EMAIL":"new@b.example"}}]})"),
            expected);
}

TEST(BrevoWebhook, AnUpdateInEveryObservedShape) {
  // Without an address at the top, with an empty list.
  BrevoChange attributes = Updated("t@b.example");
  attributes.attributes = {{"SMS", std::string("12345678")}};
  EXPECT_EQ(One(R"({"id":10,"event":"contact_updated","date":"2026-08-25T09:04:10.555Z",
                    "ts":1787648649,"content":[{"email":"t@b.example","list":{},
                    "attributes":{"SMS":"12345678"}}]})"),
            attributes);
  BrevoChange blocked = Updated("t@b.example");
  blocked.email_blacklisted = true;
  EXPECT_EQ(One(R"({"id":10,"event":"contact_updated","date":"2026-08-25 11:04:09",
                    "ts":1787648649,"content":[{"email":"t@b.example","emailBlacklist":true}]})"),
            blocked);
  BrevoChange sms = Updated("t@b.example");
  sms.sms_blacklisted = false;
  EXPECT_EQ(One(R"({"id":10,"event":"contact_updated","ts":1787648649,
                    "content":[{"email":"t@b.example","smsBlacklisted":false}]})"),
            sms);
  BrevoChange joined = Updated("t@b.example");
  joined.list_ids = {7, 8};
  joined.lists_left = {9};
  EXPECT_EQ(One(R"({"id":10,"event":"contact_updated","ts":1787648649,
                    "content":[{"email":"t@b.example","list":{"addition":[8,{"id":7}],
                    "deletion":[9]}}]})"),
            joined);
  // Content that is no list, or is missing.
  BrevoChange object = Updated("a@b.example");
  object.attributes = {{"FIRSTNAME", std::string("Ann")}};
  EXPECT_EQ(One(R"({"id":10,"event":"contactUpdated","email":"a@b.example","ts":1787648649,
                    "content":{"attributes":{"FIRSTNAME":"Ann"}}})")
                .attributes,
            object.attributes);
  EXPECT_EQ(One(R"({"id":10,"event":"contact_updated","email":"a@b.example","ts":1787648649})"),
            Updated("a@b.example"));
}

TEST(BrevoWebhook, AnUpdateOfSeveralContacts) {
  const auto changes = Decode(R"({"id":10,"event":"contact_updated","ts":1787648649,
    "content":[{"email":"a@b.example"},{"email":"c@d.example","emailBlacklist":true}]})");
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].email, "a@b.example");
  EXPECT_EQ(changes[0].email_blacklisted, std::nullopt);
  EXPECT_EQ(changes[1].email, "c@d.example");
  EXPECT_NE(changes[0].key, changes[1].key);
}

TEST(BrevoWebhook, ADeletionHasItsAddressesInAList) {
  BrevoChange expected;
  expected.kind = Kind::kContactDeleted;
  expected.event = "contact_deleted";
  expected.webhook_id = 10;
  expected.email = "a@b.example";
  expected.occurred_at = ParseTime("2026-08-25T09:04:17Z");
  EXPECT_EQ(One(R"({"id":10,"event":"contact_deleted","email":["a@b.example"],
                    "date":"2026-08-25T09:04:17.82511Z","ts":1787648657})"),
            expected);
  EXPECT_EQ(One(R"({"id":10,"event":"contact_deleted","email":"a@b.example","list_id":3,
                    "ts":1787648657})")
                .email,
            "a@b.example");
  EXPECT_EQ(Decode(R"({"event":"contact_deleted","email":["a@b.example","c@d.example"]})").size(),
            2u);
}

TEST(BrevoWebhook, AListAddition) {
  BrevoChange expected;
  expected.kind = Kind::kListAddition;
  expected.event = "list_addition";
  expected.webhook_id = 10;
  expected.email = "a@b.example";
  expected.occurred_at = ParseTime("2026-08-25T09:04:09Z");
  expected.list_ids = {2};
  expected.api_key_name = "";
  EXPECT_EQ(One(R"({"id":10,"event":"list_addition","email":"a@b.example","list_id":[2],
                    "date":"2026-08-25 11:04:09","ts":1787648649,"api_key_name":""})"),
            expected);
}

TEST(BrevoWebhook, OptOutsInTheirVariants) {
  struct Row {
    const char* event;
    Kind kind;
  };
  for (const Row& row :
       {Row{"unsubscribe", Kind::kUnsubscribed}, Row{"unsubscribed", Kind::kUnsubscribed},
        Row{"hard_bounce", Kind::kHardBounce}, Row{"hard_bounced", Kind::kHardBounce},
        Row{"hardBounce", Kind::kHardBounce}, Row{"hard_bounces", Kind::kHardBounce},
        Row{"soft_bounce", Kind::kSoftBounce}, Row{"spam", Kind::kSpam},
        Row{"opened", Kind::kOther}, Row{"click", Kind::kOther},
        Row{"contact_merged", Kind::kOther}}) {
    BrevoChange expected;
    expected.kind = row.kind;
    expected.event = row.event;
    expected.webhook_id = 10;
    expected.email = "a@b.example";
    expected.occurred_at = ParseTime("2026-08-25T09:04:09Z");
    expected.list_ids = {3, 42};
    expected.reason = "550";
    EXPECT_EQ(One(std::string(R"({"id":10,"event":")") + row.event +
                  R"(","email":"a@b.example","camp_id":7,"campaign name":"News","list_id":[42,3],
                     "date_event":"2026-08-25 11:04:09","ts_sent":1787640000,"ts_event":1787648649,
                     "ts":1787648650,"reason":"550","tag":"","sending_ip":"1.2.3.4"})"),
              expected);
  }
}

TEST(BrevoWebhook, ABatchKeepsWhatCanBeRead) {
  const auto decoded = DecodeWebhook(R"([
    {"event":"contact_deleted","email":["a@b.example"],"ts":1787648657},
    7, null, {"email":"a@b.example"}, {"event":"spam"}, {"event":{}},
    {"event":"opened"},
    {"event":"list_addition","email":"c@d.example","list_id":2}])");
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->unreadable, 5);
  ASSERT_EQ(decoded->changes.size(), 3u);
  EXPECT_EQ(decoded->changes[0].kind, Kind::kContactDeleted);
  EXPECT_EQ(decoded->changes[1].kind, Kind::kOther);
  EXPECT_EQ(decoded->changes[2].list_ids, std::vector<int64_t>{2});
  EXPECT_EQ(Decode("[]").size(), 0u);
}

TEST(BrevoWebhook, TheKeyTellsRepetitionsFromChanges) {
  const std::string body = R"({"id":10,"event":"contact_updated","ts":1787648649,
    "content":[{"email":"a@b.example","attributes":{"X":"1","Y":2}}]})";
  const std::string same = R"({"ts":1787648649,"event":"contact_updated","id":10,
    "content":[{"attributes":{"Y":2.0,"X":"1"},"email":"A@b.example"}]})";
  const std::string key = Decode(body)[0].key;
  EXPECT_THAT(key, StartsWith("contact_updated/a@b.example/2026-08-25T09:04:09.000Z/"));
  EXPECT_EQ(Decode(same)[0].key, key);
  for (const char* other : {R"({"id":10,"event":"contact_updated","ts":1787648650,
            "content":[{"email":"a@b.example","attributes":{"X":"1","Y":2}}]})",
                            R"({"id":11,"event":"contact_updated","ts":1787648649,
            "content":[{"email":"a@b.example","attributes":{"X":"1","Y":2}}]})",
                            R"({"id":10,"event":"contact_updated","ts":1787648649,
            "content":[{"email":"a@b.example","attributes":{"X":"1","Y":"2"}}]})",
                            R"({"id":10,"event":"contact_updated","ts":1787648649,
            "content":[{"email":"a@b.example","attributes":{"X":"1"}}]})",
                            R"({"id":10,"event":"contact_updated","ts":1787648649,
            "content":[{"email":"c@b.example","attributes":{"X":"1","Y":2}}]})"}) {
    EXPECT_NE(Decode(other)[0].key, key) << other;
  }
  EXPECT_EQ(Decode(R"({"event":"spam","email":"a@b.example"})")[0].key, "");
}

TEST(BrevoWebhook, ADateWithoutItsZoneIsNoTime) {
  const auto time = [](const std::string& date) {
    return Decode(R"({"event":"spam","email":"a@b.example","date":")" + date + "\"}")[0]
        .occurred_at;
  };
  EXPECT_EQ(time("2026-08-25 11:04:09"), std::nullopt);
  EXPECT_EQ(time("2026-08-25T09:04:09Z"), ParseTime("2026-08-25T09:04:09Z"));
  EXPECT_EQ(time("2026-08-25T11:04:09+02:00"), ParseTime("2026-08-25T09:04:09Z"));
  EXPECT_EQ(time("Tuesday"), std::nullopt);
}

TEST(BrevoWebhook, WhatIsNoWebhookIsRefusedWithTheReason) {
  const std::pair<std::string, const char*> kRows[] = {
      {"", "JSON"},
      {"{", "JSON"},
      {"\"\xff\"", "JSON"},
      {std::string(100, '[') + std::string(100, ']'), "deeply"},
      {"\"" + std::string(kMaxWebhookBytes, 'x') + "\"", "larger than"},
      {"7", "`event`"},
      {"{}", "`event`"},
      {R"({"event":""})", "`event`"},
      {R"({"event":")" + std::string(100, 'x') + "\"}", "`event`"},
      {R"({"event":"contact_updated","content":[{}]})", "no contact"},
      {R"({"event":"spam","email":")" + std::string(400, 'x') + "\"}", "no contact"},
      {R"([{},{}])", "`event`"},
  };
  for (const auto& [body, reason] : kRows) {
    const auto decoded = DecodeWebhook(body);
    EXPECT_TRUE(absl::IsInvalidArgument(decoded.status())) << body.substr(0, 100);
    EXPECT_THAT(std::string(decoded.status().message()), HasSubstr(reason));
  }
}

}  // namespace
}  // namespace connector::brevo
