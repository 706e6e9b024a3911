#include "pipedrive/deal_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_format.h"

namespace connector::pipedrive {
namespace {

const std::string kKey(40, 'd');

struct Decoded {
  Deal deal;
  std::string problem;
};

template <typename Decode>
Decoded DecodeText(const std::string& text, Decode decode) {
  http::JsonText json;
  EXPECT_TRUE(json.Parse(text)) << text;
  RecordReader reader(json.root());
  Decoded out;
  out.deal = decode(reader, WantedFields::All());
  out.problem = reader.problem();
  return out;
}

Decoded V2(const std::string& text) { return DecodeText(text, DecodeDealV2); }
Decoded V1(const std::string& text) { return DecodeText(text, DecodeDealV1); }

Deal DealOne() {
  Deal deal;
  deal.id = 1;
  deal.title = "Deal One";
  deal.value = 20.5;
  deal.currency = "EUR";
  deal.status = DealStatus::kLost;
  deal.person_id = 1101;
  deal.org_id = 5;
  deal.owner_id = 8877;
  deal.pipeline_id = 1;
  deal.stage_id = 2;
  deal.probability = 90;
  deal.lost_reason = "too dear";
  deal.add_time = ParseTime("2019-05-29T04:21:51Z");
  deal.update_time = ParseTime("2019-11-28T16:19:50Z");
  deal.stage_change_time = ParseTime("2019-11-28T15:41:22Z");
  deal.lost_time = ParseTime("2019-11-28T15:41:22Z");
  deal.close_time = ParseTime("2019-11-28T15:41:22Z");
  deal.expected_close_date = "2019-06-29";
  deal.custom_fields = {{kKey, std::string("word")}};
  return deal;
}

TEST(DealDecoder, BothVersionsYieldTheSameDeal) {
  const auto v2 = V2(R"({"id":1,"title":"Deal One","creator_user_id":8877,"owner_id":8877,
    "value":20.5,"person_id":1101,"org_id":5,"stage_id":2,"pipeline_id":1,"currency":"EUR",
    "archive_time":null,"add_time":"2019-05-29T04:21:51Z","update_time":"2019-11-28T16:19:50Z",
    "stage_change_time":"2019-11-28T15:41:22Z","status":"lost","is_archived":false,
    "is_deleted":false,"probability":90,"lost_reason":"too dear","visible_to":7,
    "close_time":"2019-11-28T15:41:22Z","won_time":null,"lost_time":"2019-11-28T15:41:22Z",
    "expected_close_date":"2019-06-29","label_ids":[1],"source_lead_id":null,
    "custom_fields":{")" +
                     kKey + R"(":"word"}})");
  EXPECT_EQ(v2.problem, "");
  EXPECT_EQ(v2.deal, DealOne());
  const auto v1 = V1(R"({"id":1,"creator_user_id":{"id":8,"value":8},
    "user_id":{"id":8877,"name":"Creator","value":8877},
    "person_id":{"active_flag":true,"name":"Person","email":[{"value":"p@b.example"}],"value":1101},
    "org_id":{"name":"Organization","people_count":2,"owner_id":8877,"value":5},"stage_id":2,
    "title":"Deal One","value":"20.5","currency":"EUR","add_time":"2019-05-29 04:21:51",
    "update_time":"2019-11-28 16:19:50","stage_change_time":"2019-11-28 15:41:22","active":false,
    "deleted":false,"status":"lost","probability":90,"lost_reason":"too dear","visible_to":"1",
    "close_time":"2019-11-28 15:41:22","pipeline_id":1,"won_time":"","label":"11",
    "lost_time":"2019-11-28 15:41:22","expected_close_date":"2019-06-29",")" +
                     kKey + R"(":"word"})");
  EXPECT_EQ(v1.problem, "");
  EXPECT_EQ(v1.deal, DealOne());
}

TEST(DealDecoder, EverythingButTheIdMayBeMissingOrNull) {
  Deal expected;
  expected.id = 7;
  const std::string nulls = R"({"id":"7","title":null,"value":null,"currency":null,"status":null,
    "person_id":null,"org_id":null,"owner_id":null,"user_id":null,"pipeline_id":null,
    "stage_id":null,"probability":null,"lost_reason":null,"is_archived":null,"archive_time":null,
    "is_deleted":null,"deleted":null,"update_time":"0000-00-00 00:00:00","custom_fields":null})";
  for (const std::string& text : {std::string(R"({"id":7})"), nulls}) {
    EXPECT_EQ(V2(text).deal, expected);
    EXPECT_EQ(V2(text).problem, "");
    EXPECT_EQ(V1(text).deal, expected);
    EXPECT_EQ(V1(text).problem, "");
  }
}

TEST(DealDecoder, DeletedAndArchivedInEveryWayOfSayingIt) {
  EXPECT_EQ(V2(R"({"id":7,"status":"deleted"})").deal.status, DealStatus::kDeleted);
  EXPECT_EQ(V2(R"({"id":7,"status":"won","is_deleted":true})").deal.status, DealStatus::kDeleted);
  EXPECT_EQ(V1(R"({"id":7,"status":"open","deleted":1})").deal.status, DealStatus::kDeleted);
  EXPECT_TRUE(V2(R"({"id":7,"is_archived":true})").deal.is_archived);
  EXPECT_TRUE(V1(R"({"id":7,"archive_time":"2026-01-02 03:04:05"})").deal.is_archived);
  EXPECT_FALSE(
      V2(R"({"id":7,"is_archived":false,"archive_time":"2026-01-02T03:04:05Z"})").deal.is_archived);
}

TEST(DealDecoder, WhatWouldMoveADealWronglyIsAProblem) {
  EXPECT_THAT(V2(R"({"id":7,"status":"paused"})").problem, testing::HasSubstr("status"));
  EXPECT_THAT(V2(R"({"id":7,"stage_id":"second"})").problem, testing::HasSubstr("stage_id"));
  EXPECT_THAT(V1(R"({"id":7,"person_id":{"name":"no id"}})").problem,
              testing::HasSubstr("person_id"));
  EXPECT_THAT(V2(R"({"id":0})").problem, testing::HasSubstr("id"));
  EXPECT_THAT(V2(R"({"title":"no id"})").problem, testing::HasSubstr("id"));
}

}  // namespace
}  // namespace connector::pipedrive
