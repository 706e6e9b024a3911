// The topic form, and what is refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "pipedrive/webhook_decoder.h"
#include "unit/pipedrive/webhook_bodies.h"

namespace connector::pipedrive {
namespace {

using testing::HasSubstr;

TEST(WebhookTopic, IsAHint) {
  const auto event = Decode(R"({"topic":"deal.stage_changed","payload":{"dealId":"8",
    "previousStage":2,"newStage":3,"personId":4,"value":100.5,"currency":"EUR"}})");
  EXPECT_TRUE(event.hint);
  EXPECT_EQ(event.object, SourceObject::kDeal);
  EXPECT_EQ(event.action, SourceAction::kChanged);
  EXPECT_EQ(event.action_name, "stage_changed");
  EXPECT_EQ(event.id, "8");
  EXPECT_EQ(event.key, "");
  EXPECT_EQ(event.deal_before.stage_id, 2);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(event.record));
}

TEST(WebhookTopic, ActionsIdsAndTimesInEveryNaming) {
  struct Case {
    const char* body;
    SourceObject object;
    SourceAction action;
    const char* id;
    const char* key;
  };
  for (const Case& c : {
           Case{R"({"topic":"deal.created","eventId":"e1","payload":{"deal_id":8,
                    "updateTime":"2026-11-24T08:15:30.5Z"}})",
                SourceObject::kDeal, SourceAction::kCreated, "8",
                "deal/8/added/2026-11-24T08:15:30Z"},
           Case{R"({"topic":"person.deleted","timestamp":1523440213,"payload":{"personId":4}})",
                SourceObject::kPerson, SourceAction::kDeleted, "4",
                "person/4/deleted/2018-04-11T09:50:13Z"},
           Case{R"({"topic":"organization.updated","payload":{"orgId":4}})",
                SourceObject::kOrganization, SourceAction::kChanged, "4", ""},
           Case{R"({"topic":"lead.created","payload":{"leadId":"ab-cd"}})", SourceObject::kLead,
                SourceAction::kCreated, "ab-cd", ""},
           Case{R"({"topic":"activity.done","payload":{"id":4}})", SourceObject::kActivity,
                SourceAction::kChanged, "4", ""},
           Case{R"({"topic":"invoice.paid","payload":{}})", SourceObject::kOther,
                SourceAction::kChanged, "", ""},
       }) {
    const auto event = Decode(c.body);
    EXPECT_EQ(event.object, c.object) << c.body;
    EXPECT_EQ(event.action, c.action) << c.body;
    EXPECT_EQ(event.id, c.id) << c.body;
    EXPECT_EQ(event.key, c.key) << c.body;
  }
}

TEST(Webhook, WhatIsNoWebhookIsRefusedWithTheReason) {
  const std::string deep = R"({"meta":)" + std::string(100, '[') + std::string(100, ']') + "}";
  const std::string large = "\"" + std::string(kMaxWebhookBytes, 'x') + "\"";
  const std::string long_name(100, 'x');
  struct Case {
    std::string body;
    const char* reason;
  };
  for (const Case& c : {
           Case{"", "JSON"},
           Case{"not json", "JSON"},
           Case{R"({"meta":{"action":"change","entity":"person")", "JSON"},
           Case{"{\"meta\":\"\xff\xfe\"}", "JSON"},
           Case{deep, "deeply"},
           Case{large, "larger than 1048576"},
           Case{"[]", "not a JSON object"},
           Case{"null", "not a JSON object"},
           Case{"{}", "`meta`"},
           Case{R"({"meta":[]})", "`meta`"},
           Case{R"({"meta":{"action":"change"}})", "`meta.entity`"},
           Case{R"({"meta":{"entity":"person"}})", "`meta.action`"},
           Case{R"({"meta":{"entity":{"a":1},"action":"change"}})", "`meta.entity`"},
           Case{R"({"meta":{"entity":")" + long_name + R"(","action":"change"}})", "`meta.entity`"},
           Case{R"({"meta":{"entity":"person","action":"change"}})", "id of the person"},
           Case{R"({"meta":{"entity":"person","action":"change","entity_id":"-8"}})", "id of the"},
           Case{R"({"meta":{"entity":"deal","action":"change","entity_id":"8.5"}})", "id of the"},
           Case{R"({"meta":{"entity":"deal","action":"change","entity_id":"x"}})", "id of the"},
           Case{R"({"meta":{"entity":"deal","action":"change","entity_id":
                "99999999999999999999"}})",
                "id of the"},
           Case{R"({"meta":{"entity":"person","action":"change","entity_id":"8"},"data":{"id":9}})",
                "different ids"},
           Case{R"({"topic":"deal","payload":{"dealId":8}})", "`topic`"},
           Case{R"({"topic":".x","payload":{"dealId":8}})", "`topic`"},
           Case{R"({"topic":"deal.","payload":{"dealId":8}})", "`topic`"},
           Case{R"({"topic":7,"payload":{"dealId":8}})", "`topic`"},
           Case{R"({"topic":"deal.updated"})", "`payload`"},
           Case{R"({"topic":"deal.updated","payload":[8]})", "`payload`"},
           Case{R"({"topic":"deal.updated","payload":{"dealId":0}})", "id of the deal"},
           Case{R"({"topic":"deal.updated","payload":{"personId":4}})", "id of the deal"},
       }) {
    const auto event = DecodeWebhook(c.body);
    EXPECT_EQ(event.status().code(), absl::StatusCode::kInvalidArgument) << c.body.substr(0, 200);
    EXPECT_THAT(std::string(event.status().message()), HasSubstr(c.reason));
  }
}

TEST(Webhook, IdsAreComparedAsNumbers) {
  EXPECT_EQ(Decode("{" + MetaV2("change", "person", "\"008\"") + R"(,"data":{"id":8}})").id, "8");
  EXPECT_EQ(Decode("{" + MetaV2("change", "person", "null") + R"(,"data":{"id":"8"}})").id, "8");
}

TEST(Webhook, TimesThatCannotBeAreNotTold) {
  const auto with_time = [](const std::string& time) {
    return Decode(R"({"meta":{"entity":"person","action":"change","entity_id":8,"timestamp":)" +
                  time + "}}");
  };
  EXPECT_EQ(with_time("\"1523440213\"").occurred_at, ParseTime("2018-04-11T09:50:13Z"));
  EXPECT_EQ(with_time("1523440213384").occurred_at, ParseTime("2018-04-11T09:50:13.384Z"));
  for (const char* time : {"-1", "0", "9223372036854775807", "\"soon\"", "null", "{}"}) {
    EXPECT_EQ(with_time(time).occurred_at, std::nullopt) << time;
    EXPECT_EQ(with_time(time).key, "") << time;
  }
}

}  // namespace
}  // namespace connector::pipedrive
