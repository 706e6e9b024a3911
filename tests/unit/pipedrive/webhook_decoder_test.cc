#include "pipedrive/webhook_decoder.h"

#include <gtest/gtest.h>

#include "base/time_format.h"
#include "unit/pipedrive/webhook_bodies.h"

namespace connector::pipedrive {
namespace {

const std::string kEnum(40, 'a');
const std::string kMoney(40, 'b');
const std::string kSet(40, 'c');
const std::string kText(40, 'd');
const std::string kUnset(40, 'e');

TEST(WebhookV2, AChangedPersonWithItsTypedCustomFields) {
  const auto event = Decode("{" + MetaV2("change", "person", "\"8\"") + R"(,
    "data":{"add_time":"2022-11-24T13:18:55Z","first_name":"Sample Person","id":8,"label":5,
      "last_name":null,"name":"Sample Person","org_id":1,"owner_id":12415231,
      "emails":[{"label":"work","value":"s@b.example","primary":true}],"phones":[],
      "update_time":"2022-11-24T15:18:35Z","visible_to":"3","custom_fields":{
        ")" + kEnum + R"(":{"type":"enum","id":17},
        ")" + kMoney + R"(":{"type":"monetary","value":12.5,"currency":"EUR"},
        ")" + kSet + R"(":{"type":"set","values":[{"id":13},{"id":14}]},
        ")" + kText + R"(":{"type":"varchar","value":"17"},
        ")" + kUnset + R"(":null}},
    "previous":{"first_name":"Sample","name":"Sample"}})");
  EXPECT_EQ(event.object, SourceObject::kPerson);
  EXPECT_EQ(event.object_name, "person");
  EXPECT_EQ(event.action, SourceAction::kChanged);
  EXPECT_EQ(event.action_name, "change");
  EXPECT_EQ(event.id, "8");
  EXPECT_EQ(event.event_id, "7c812ffd-8f50");
  EXPECT_EQ(event.key, "person/8/updated/2022-11-24T15:18:35Z");
  EXPECT_EQ(event.occurred_at, ParseTime("2022-11-24T15:18:35.616Z"));
  EXPECT_EQ(event.update_time, ParseTime("2022-11-24T15:18:35Z"));
  EXPECT_EQ(event.company_id, 8087566);
  EXPECT_EQ(event.user_id, 12415231);
  EXPECT_EQ(event.change_source, "app");
  EXPECT_FALSE(event.bulk);
  EXPECT_FALSE(event.hint);
  Person person;
  person.id = 8;
  person.name = "Sample Person";
  person.first_name = "Sample Person";
  person.emails = {{"s@b.example", "work", true}};
  person.org_id = 1;
  person.label_ids = {5};
  person.owner_id = 12415231;
  person.add_time = ParseTime("2022-11-24T13:18:55Z");
  person.update_time = ParseTime("2022-11-24T15:18:35Z");
  person.custom_fields = {{kEnum, OptionIds{{17}}},
                          {kMoney, Monetary{12.5, "EUR"}},
                          {kSet, OptionIds{{13, 14}}},
                          {kText, std::string("17")}};
  ASSERT_TRUE(std::holds_alternative<Person>(event.record));
  EXPECT_EQ(std::get<Person>(event.record), person);
}

TEST(WebhookV1, AChangedPersonWithOptionsByType) {
  WebhookFields fields;
  fields.person = WantedFields::All({{kSet, "set"}});
  const auto event = Decode("{" + MetaV1("updated", "person", "11") + R"(,
    "current":{"id":11,"name":"Person Name","first_name":"Person Name","last_name":null,
      "email":[{"label":"work","value":"p@b.example","primary":true}],
      "phone":[{"value":"","primary":true}],"org_id":null,"org_name":null,"owner_id":1234,
      "label_ids":[14],"visible_to":"3","active_flag":true,"won_deals_count":2,
      "update_time":"2025-02-17 21:26:58",")" +
                                kSet + R"(":"12,13"},
    "previous":{"id":11,"name":"Person"}})",
                            fields);
  EXPECT_EQ(event.action, SourceAction::kChanged);
  EXPECT_EQ(event.event_id, "");
  EXPECT_EQ(event.key, "person/11/updated/2025-02-17T21:26:58Z");
  EXPECT_EQ(event.occurred_at, ParseTime("2018-04-11T09:50:13.3847Z"));
  EXPECT_EQ(event.change_source, "api");
  EXPECT_EQ(event.user_id, 7);
  EXPECT_TRUE(event.bulk);
  const auto& person = std::get<Person>(event.record);
  EXPECT_EQ(person.won_deals_count, 2);
  EXPECT_EQ(person.label_ids, std::vector<int64_t>{14});
  EXPECT_EQ(person.custom_fields, (CustomFields{{kSet, OptionIds{{12, 13}}}}));
}

TEST(WebhookV2, ADealTellsWhatItWasBefore) {
  const auto event = Decode("{" + MetaV2("change", "deal", "\"5\"") + R"(,
    "data":{"id":5,"title":"Deal","value":2,"currency":"USD","status":"won","stage_id":3,
      "pipeline_id":1,"owner_id":1,"person_id":3,"org_id":2,"is_archived":false,
      "update_time":"2024-09-27T14:25:28Z","visible_to":"3"},
    "previous":{"stage_id":427,"status":"open","person_id":null}})");
  const auto& deal = std::get<Deal>(event.record);
  EXPECT_EQ(deal.status, DealStatus::kWon);
  EXPECT_EQ(deal.stage_id, 3);
  DealBefore before;
  before.stage_id = 427;
  before.status = DealStatus::kOpen;
  EXPECT_EQ(event.deal_before, before);
}

TEST(WebhookV1, ADealTellsItsWholePreviousState) {
  const auto event = Decode("{" + MetaV1("updated", "deal", "5") + R"(,
    "current":{"id":5,"title":"Deal","status":"open","stage_id":3,"pipeline_id":1,"user_id":9,
      "person_id":3,"person_name":"Ann","value":20,"currency":"EUR","active":true,"deleted":false,
      "update_time":"2024-09-27 14:25:28"},
    "previous":{"id":5,"status":"open","stage_id":2,"pipeline_id":1,"person_id":3}})");
  EXPECT_EQ(std::get<Deal>(event.record).owner_id, 9);
  DealBefore before;
  before.stage_id = 2;
  before.pipeline_id = 1;
  before.person_id = 3;
  before.status = DealStatus::kOpen;
  EXPECT_EQ(event.deal_before, before);
}

TEST(Webhook, ADeletionCarriesTheLastStateAsDeleted) {
  const std::string last = R"({"id":5,"title":"Deal","status":"open","stage_id":3,
      "update_time":"2024-09-27T14:25:28Z"})";
  for (const std::string& body :
       {"{" + MetaV2("delete", "deal", "\"5\"") + R"(,"data":null,"previous":)" + last + "}",
        "{" + MetaV1("deleted", "deal", "5") + R"(,"current":null,"previous":)" + last + "}"}) {
    const auto event = Decode(body);
    EXPECT_EQ(event.action, SourceAction::kDeleted);
    EXPECT_EQ(event.key, "deal/5/deleted/2024-09-27T14:25:28Z");
    const auto& deal = std::get<Deal>(event.record);
    EXPECT_EQ(deal.status, DealStatus::kDeleted);
    EXPECT_EQ(deal.stage_id, 3);
    EXPECT_EQ(event.deal_before, DealBefore());
  }
  const auto bare =
      Decode("{" + MetaV2("delete", "person", "\"5\"") + R"(,"data":null,"previous":null})");
  EXPECT_EQ(bare.id, "5");
  EXPECT_TRUE(std::holds_alternative<std::monostate>(bare.record));
  EXPECT_EQ(bare.key, "person/5/deleted/2022-11-24T15:18:35Z");
}

TEST(WebhookV2, AMergeIsTwoEvents) {
  const auto gone = Decode("{" + MetaV2("delete", "person", "\"9\"", R"(,"merged_to_id":"8")") +
                           R"(,"data":null,"previous":{"id":9,"name":"Gone"}})");
  EXPECT_EQ(gone.action, SourceAction::kDeleted);
  EXPECT_EQ(gone.merged_to, 8);
  EXPECT_EQ(gone.merged_from, std::nullopt);
  EXPECT_TRUE(std::get<Person>(gone.record).is_deleted);
  const auto lives = Decode("{" + MetaV2("change", "person", "\"8\"", R"(,"merged_from_id":"9")") +
                            R"(,"data":{"id":8,"name":"Lives"},"previous":{"name":"Old"}})");
  EXPECT_EQ(lives.action, SourceAction::kMerged);
  EXPECT_EQ(lives.merged_from, 9);
  EXPECT_EQ(lives.merged_to, std::nullopt);
  EXPECT_EQ(lives.key, "person/8/merged/2022-11-24T15:18:35Z");
}

TEST(WebhookV1, AMergeHasAnActionOfItsOwn) {
  const auto merged =
      Decode("{" + MetaV1("merged", "person", "8") +
             R"(,"current":{"id":8,"name":"L","merge_what_id":9},"previous":null})");
  EXPECT_EQ(merged.action, SourceAction::kMerged);
  EXPECT_EQ(merged.merged_from, 9);
  const auto untold = Decode("{" + MetaV1("merged", "person", "8") +
                             R"(,"current":{"id":8,"name":"L"},"previous":null})");
  EXPECT_EQ(untold.action, SourceAction::kMerged);
  EXPECT_EQ(untold.merged_from, std::nullopt);
}

TEST(WebhookV2, AnActivityMixesTheNamesOfBothVersions) {
  const auto event = Decode("{" + MetaV2("create", "activity", "\"8\"") + R"(,
    "data":{"id":8,"subject":"Call","type":"call","owner_id":1,"done":true,"active_flag":true,
      "busy_flag":false,"due_date":"2026-11-24","due_time":{"timezone_id":null,"value":"10:00:00"},
      "duration":{"value":"01:00:00"},"deal_id":300,"lead_id":null,"org_id":5,
      "participants":[{"person_id":7,"primary":false},{"person_id":6,"primary_flag":true}],
      "marked_as_done_time":"2026-11-24T10:00:00Z","update_time":"2026-11-24T10:00:01Z"},
    "previous":null})");
  EXPECT_EQ(event.action, SourceAction::kCreated);
  Activity expected;
  expected.id = 8;
  expected.subject = "Call";
  expected.type = "call";
  expected.done = true;
  expected.due_date = "2026-11-24";
  expected.due_time = "10:00:00";
  expected.duration = "01:00:00";
  expected.owner_id = 1;
  expected.deal_id = 300;
  expected.org_id = 5;
  expected.person_id = 6;
  expected.participants = {7, 6};
  expected.marked_as_done_time = ParseTime("2026-11-24T10:00:00Z");
  expected.update_time = ParseTime("2026-11-24T10:00:01Z");
  EXPECT_EQ(std::get<Activity>(event.record), expected);
}

TEST(WebhookV1, AnActivityOfAPersonOutsideItsParticipants) {
  const auto event = Decode("{" + MetaV1("updated", "activity", "8") + R"(,
    "current":{"id":8,"user_id":1234,"done":false,"type":"deadline","due_time":"10:00",
      "duration":"01:00","active_flag":false,"person_id":1101,
      "participants":[{"person_id":17985,"primary_flag":false}]},"previous":null})");
  const auto& activity = std::get<Activity>(event.record);
  EXPECT_EQ(activity.owner_id, 1234);
  EXPECT_EQ(activity.due_time, "10:00");
  EXPECT_EQ(activity.participants, (std::vector<int64_t>{1101, 17985}));
  EXPECT_TRUE(activity.is_deleted);
}

TEST(WebhookV2, ALeadHasAUuidAndAmountInAnObject) {
  const std::string uuid = "adf21080-0e10-11eb-879b-05d71fb426ec";
  const auto event = Decode("{" + MetaV2("change", "lead", "\"" + uuid + "\"") + R"(,
    "data":{"id":")" + uuid +
                            R"(","title":"Lead","owner_id":1,"person_id":12,
      "organization_id":null,"label_ids":["f08b42a0"],"source_name":"API","is_archived":true,
      "value":{"amount":123,"currency":"BRL"},"add_time":"2025-06-19T16:07:08.597Z",
      "update_time":"2025-06-19T16:07:36.753Z","custom_fields":{
      ")" + kEnum + R"(":{"type":"enum","id":17}}},
    "previous":{"value":null}})");
  EXPECT_EQ(event.id, uuid);
  EXPECT_EQ(event.key, "lead/" + uuid + "/updated/2025-06-19T16:07:36Z");
  Lead expected;
  expected.id = uuid;
  expected.title = "Lead";
  expected.owner_id = 1;
  expected.person_id = 12;
  expected.label_ids = {"f08b42a0"};
  expected.source_name = "API";
  expected.value = Monetary{123, "BRL"};
  expected.is_archived = true;
  expected.add_time = ParseTime("2025-06-19T16:07:08.597Z");
  expected.update_time = ParseTime("2025-06-19T16:07:36.753Z");
  expected.custom_fields = {{kEnum, OptionIds{{17}}}};
  EXPECT_EQ(std::get<Lead>(event.record), expected);
}

TEST(WebhookV2, AnOrganizationWithItsAddressAsAnObject) {
  const auto event = Decode("{" + MetaV2("create", "organization", "2") + R"(,
    "data":{"id":2,"name":"Org","owner_id":1,"address":{"value":"Main St 1","country":"USA"},
      "update_time":"2026-01-01T00:00:00Z","visible_to":"3"},"previous":null})");
  EXPECT_EQ(std::get<Organization>(event.record).address, "Main St 1");
}

TEST(Webhook, UserEventsHaveNoEventIdAndUnixTime) {
  const auto v2 = Decode(R"({"meta":{"action":"change","entity":"user","entity_id":"77","id":"77",
    "timestamp":1523440213,"version":"2.0"},"data":[{"id":77,"name":"U"}],"previous":[{"id":77}]})");
  EXPECT_EQ(v2.object, SourceObject::kUser);
  EXPECT_EQ(v2.id, "77");
  EXPECT_EQ(v2.event_id, "");
  EXPECT_EQ(v2.occurred_at, ParseTime("2018-04-11T09:50:13Z"));
  const auto v1 = Decode("{" + MetaV1("updated", "user", "77") +
                         R"(,"current":[{"id":77,"modified":"x"}],"previous":[]})");
  EXPECT_EQ(v1.object, SourceObject::kUser);
  EXPECT_EQ(v1.id, "77");
}

// Shapes seen from third-party relays: numbers where texts belong, an event id that is the
// record's.
TEST(WebhookV2, NumbersForTextsAreRead) {
  const auto event = Decode(R"({"meta":{"action":"change","entity":"deal","version":"2.0",
    "company_id":12882925,"user_id":18487521,"id":1,"entity_id":1,"timestamp":1727447128,
    "change_source":"app"},"data":{"id":1,"status":"open"},"previous":null})");
  EXPECT_EQ(event.id, "1");
  EXPECT_EQ(event.event_id, "");
  EXPECT_EQ(event.company_id, 12882925);
  EXPECT_EQ(event.key, "deal/1/updated/2024-09-27T14:25:28Z");
}

TEST(Webhook, WhatIsNotUsedOrNotKnownIsOther) {
  for (const std::string& body : {
           "{" + MetaV2("create", "product", "\"5\"") + R"(,"data":{"id":5},"previous":null})",
           "{" + MetaV2("change", "deal_installment", "null") + R"(,"data":[],"previous":7})",
           "{" + MetaV1("updated", "activityType", "5") + R"(,"current":{"id":5}})",
           "{" + MetaV2("frobnicate", "deal", "\"5\"") + R"(,"data":{"id":5},"previous":null})",
       }) {
    EXPECT_EQ(Decode(body).object, SourceObject::kOther);
  }
  const auto action = Decode("{" + MetaV2("frobnicate", "deal", "\"5\"") + R"(,"data":{"id":5}})");
  EXPECT_EQ(action.object_name, "deal");
  EXPECT_EQ(action.action_name, "frobnicate");
  EXPECT_TRUE(std::holds_alternative<std::monostate>(action.record));
}

TEST(Webhook, ARecordInAnUnknownShapeIsLeftOut) {
  const auto event = Decode("{" + MetaV2("change", "person", "\"8\"") +
                            R"(,"data":{"id":8,"name":{"first":"A"}},"previous":{}})");
  EXPECT_EQ(event.object, SourceObject::kPerson);
  EXPECT_EQ(event.id, "8");
  EXPECT_TRUE(std::holds_alternative<std::monostate>(event.record));
}

}  // namespace
}  // namespace connector::pipedrive
