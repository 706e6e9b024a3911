#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "base/time_format.h"
#include "pipedrive/person_decoder_v1.h"
#include "pipedrive/person_decoder_v2.h"

namespace connector::pipedrive {
namespace {

const std::string kKey(40, 'a');

std::string PageOf(const std::string& records, const std::string& additional = "{}") {
  return "{\"success\":true,\"data\":[" + records + "],\"additional_data\":" + additional + "}";
}

Selection Everything() {
  Selection selection;
  selection.deal_counts = true;
  selection.custom_keys = {kKey};
  selection.custom_types = {{kKey, "set"}};
  return selection;
}

Person Will() {
  Person person;
  person.id = 1;
  person.name = "Will Smith";
  person.first_name = "Will";
  person.last_name = "Smith";
  person.emails = {{"will@example.com", "work", true}, {"w@home.example", "home", false}};
  person.phones = {{"12345", "work", true}};
  person.org_id = 1234;
  person.owner_id = 123;
  person.add_time = ParseTime("2017-10-18T13:23:07Z");
  person.update_time = ParseTime("2020-05-08T05:30:20Z");
  person.label_ids = {1, 2};
  person.won_deals_count = 3;
  person.lost_deals_count = 1;
  person.open_deals_count = 2;
  person.closed_deals_count = 4;
  person.custom_fields = {{kKey, OptionIds{{7, 8}}}};
  return person;
}

const std::string kWillV2 = R"({"id":1,"name":"Will Smith","first_name":"Will","last_name":"Smith",
  "owner_id":123,"org_id":1234,"add_time":"2017-10-18T13:23:07Z","update_time":"2020-05-08T05:30:20Z",
  "emails":[{"value":"will@example.com","primary":true,"label":"work"},
            {"value":"w@home.example","primary":false,"label":"home"}],
  "phones":[{"value":"12345","primary":true,"label":"work"}],"is_deleted":false,"visible_to":7,
  "label_ids":[1,2],"picture_id":1,"won_deals_count":3,"lost_deals_count":1,"open_deals_count":2,
  "closed_deals_count":4,"custom_fields":{")" +
                            kKey + R"(":[7,8],"bbbb":5}})";

const std::string kWillV1 =
    R"({"id":1,"company_id":12,"owner_id":{"id":123,"name":"Jane","value":123},
  "org_id":{"name":"Org Name","people_count":1,"owner_id":123,"active_flag":true,"value":1234},
  "name":"Will Smith","first_name":"Will","last_name":"Smith","open_deals_count":2,
  "closed_deals_count":4,"won_deals_count":3,"lost_deals_count":1,"related_won_deals_count":9,
  "active_flag":true,"phone":[{"value":"12345","primary":true,"label":"work"}],
  "email":[{"value":"will@example.com","primary":true,"label":"work"},
           {"value":"w@home.example","primary":false,"label":"home"}],
  "primary_email":"will@example.com","update_time":"2020-05-08 05:30:20",
  "add_time":"2017-10-18 13:23:07","visible_to":"3","label":1,"label_ids":[1,2],
  "org_name":"Organization name",")" +
    kKey + R"(":"7,8"})";

TEST(PersonDecoder, BothVersionsYieldTheSamePerson) {
  const auto v2 = DecodePersonsV2(PageOf(kWillV2), Everything());
  ASSERT_TRUE(v2.ok()) << v2.status();
  ASSERT_EQ(v2->records.size(), 1u);
  EXPECT_EQ(v2->records[0], Will());
  const auto v1 = DecodePersonsV1(PageOf(kWillV1), Everything());
  ASSERT_TRUE(v1.ok()) << v1.status();
  ASSERT_EQ(v1->page.records.size(), 1u);
  EXPECT_EQ(v1->page.records[0], Will());
}

TEST(PersonDecoder, V1GivesOnlyWhatWasAskedFor) {
  const auto v1 = DecodePersonsV1(PageOf(kWillV1), Selection{});
  ASSERT_TRUE(v1.ok());
  EXPECT_EQ(v1->page.records[0].won_deals_count, std::nullopt);
  EXPECT_TRUE(v1->page.records[0].custom_fields.empty());
}

TEST(PersonDecoder, EverythingMayBeMissingOrNull) {
  const char* kNulls =
      R"({"id":2,"name":null,"first_name":null,"last_name":"","owner_id":null,"org_id":null,
          "add_time":null,"update_time":"0000-00-00 00:00:00","emails":null,"phones":[],"email":null,
          "phone":[{"value":"","primary":true}],"is_deleted":null,"active_flag":null,"label_ids":null,
          "label":null,"custom_fields":null,"won_deals_count":null})";
  Person expected;
  expected.id = 2;
  for (const std::string& record : {std::string("{\"id\":2}"), std::string(kNulls)}) {
    const auto v2 = DecodePersonsV2(PageOf(record), Everything());
    ASSERT_TRUE(v2.ok());
    ASSERT_EQ(v2->records.size(), 1u) << v2->malformed[0].problem;
    EXPECT_EQ(v2->records[0], expected);
    const auto v1 = DecodePersonsV1(PageOf(record), Everything());
    ASSERT_TRUE(v1.ok());
    ASSERT_EQ(v1->page.records.size(), 1u);
    EXPECT_EQ(v1->page.records[0], expected);
  }
}

TEST(PersonDecoder, WrongTypesThatCanBeReadAreRead) {
  const auto page = DecodePersonsV2(
      PageOf(R"({"id":"3","name":42,"emails":["a@b.example",{"value":5},null,{}],"phones":12345,
                 "org_id":{"id":8},"owner_id":"9","is_deleted":1,"label_ids":"x","add_time":7,
                 "won_deals_count":"4","custom_fields":[]})"),
      Everything());
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->records.size(), 1u);
  Person expected;
  expected.id = 3;
  expected.name = "42";
  expected.emails = {{"a@b.example", "", false}, {"5", "", false}};
  expected.phones = {{"12345", "", false}};
  expected.org_id = 8;
  expected.owner_id = 9;
  expected.is_deleted = true;
  expected.won_deals_count = 4;
  EXPECT_EQ(page->records[0], expected);
}

TEST(PersonDecoder, V1TakesPlainTextsAndThePrimaryEmail) {
  const auto page = DecodePersonsV1(
      PageOf(R"({"id":1,"email":"a@b.example","phone":"1","org_id":5,"active_flag":false,"label":3},
                {"id":2,"email":[{"value":"","primary":true}],"primary_email":"p@b.example",
                 "org_id":{"value":"6"}})"),
      Everything());
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->page.records.size(), 2u);
  const Person& first = page->page.records[0];
  EXPECT_EQ(first.emails, (std::vector<ContactPoint>{{"a@b.example", "", false}}));
  EXPECT_EQ(first.org_id, 5);
  EXPECT_TRUE(first.is_deleted);
  EXPECT_EQ(first.label_ids, std::vector<int64_t>{3});
  const Person& second = page->page.records[1];
  EXPECT_EQ(second.emails, (std::vector<ContactPoint>{{"p@b.example", "", true}}));
  EXPECT_EQ(second.org_id, 6);
}

TEST(PersonDecoder, AMalformedRecordCostsOnlyItself) {
  const auto page =
      DecodePersonsV2(PageOf(R"({"id":1},{"name":"no id"},{"id":-4},{"id":5,"name":{"first":"x"}},
                {"id":6,"emails":{"value":"a@b"}},{"id":7,"org_id":"acme"},null,9,
                {"id":8,"custom_fields":{"k":99999999999999999999}},{"id":10})"),
                      Everything());
  ASSERT_TRUE(page.ok());
  std::vector<int64_t> ids;
  for (const Person& person : page->records) ids.push_back(person.id);
  EXPECT_EQ(ids, (std::vector<int64_t>{1, 10}));
  std::vector<std::string> bad;
  for (const MalformedRecord& record : page->malformed) {
    bad.push_back(record.id + ": " + record.problem);
  }
  EXPECT_THAT(bad, ::testing::ElementsAre(
                       ": id is missing or not a positive number",
                       "-4: id is missing or not a positive number", "5: name is not a text",
                       "6: emails is not a list", "7: org_id is not an id",
                       ": the record is not valid JSON", ": the record is not valid JSON",
                       "8: the record is not valid JSON"));
}

TEST(PersonDecoder, ReadsWhereThePageEnds) {
  const auto next = DecodePersonsV2(PageOf("", R"({"next_cursor":"abc="})"), {});
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(next->next_cursor, "abc=");
  for (const char* end : {"{}", "null", R"({"next_cursor":null})", R"({"next_cursor":""})"}) {
    const auto page = DecodePersonsV2(PageOf("", end), {});
    ASSERT_TRUE(page.ok());
    EXPECT_EQ(page->next_cursor, "") << end;
  }
  for (
      const char* end :
      {R"({"pagination":{"start":0,"limit":500,"more_items_in_collection":true,"next_start":500}})",
       R"({"start":0,"limit":500,"more_items_in_collection":1,"next_start":500})"}) {
    const auto page = DecodePersonsV1(PageOf("", end), {});
    ASSERT_TRUE(page.ok());
    EXPECT_TRUE(page->end.more);
    EXPECT_EQ(page->end.next_start, 500);
  }
}

TEST(PersonDecoder, APageThatIsNotWholeIsAnError) {
  const char* kBodies[] = {"",
                           "null",
                           "[]",
                           "<html></html>",
                           "{}",
                           R"({"success":true})",
                           R"({"success":true,"data":{}})",
                           R"({"data":[{"id":1})",
                           R"({"success":false,"data":[]})"};
  for (const char* body : kBodies) {
    for (const absl::Status& status :
         {DecodePersonsV2(body, {}).status(), DecodePersonsV1(body, {}).status()}) {
      EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << body;
      EXPECT_EQ(ReactionOf(status), Reaction::kRetry) << body;
    }
  }
  const char* kNull = R"({"success":true,"data":null})";
  EXPECT_FALSE(DecodePersonsV2(kNull, {}).ok());
  EXPECT_TRUE(DecodePersonsV1(kNull, {}).ok()) << "v1's empty list";
}

}  // namespace
}  // namespace connector::pipedrive
