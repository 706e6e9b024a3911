#include "pipedrive/records_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "base/time_format.h"
#include "support/fake_caller.h"

namespace connector::pipedrive {
namespace {

using quota::Repeat;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const std::string kKey(40, 'a');

class RecordsClientTest : public ::testing::Test {
 protected:
  void ExpectCall(http::Method method, const std::string& path) {
    EXPECT_EQ(caller_.last().method, method);
    EXPECT_EQ(caller_.last().url, "https://acme.pipedrive.com" + path);
    EXPECT_EQ(caller_.last().HeaderValue("x-api-token"), "token-1");
  }
  std::unique_ptr<RecordsClient> Make(ApiVersion version) {
    Options options{"https://acme.pipedrive.com", Secret("token-1")};
    options.version = version;
    return MakeRecordsClient(std::move(options), caller_);
  }

  testing::FakeCaller caller_;
  std::unique_ptr<RecordsClient> client_ = Make(ApiVersion::kV2);
  const http::CallContext context_;
};

TEST_F(RecordsClientTest, PagesOfVersionTwoFollowTheCursor) {
  caller_.Answer(200, R"({"success":true,"data":[{"id":1,"name":"Ann"},{"id":2,"name":null}],
                          "additional_data":{"next_cursor":"bmV4dA=="}})");
  RecordsQuery query;
  query.page_size = 2;
  query.filters = {{"owner_id", "7"}};
  const auto page = client_->ListRecords(query, {}, context_);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_THAT(page->records, SizeIs(2));
  EXPECT_EQ(FindMember(page->records[0].members, "name")->value, Tree(std::string("Ann")).value);
  EXPECT_EQ(page->next_cursor, "bmV4dA==");
  ExpectCall(http::Method::kGet, "/api/v2/persons?limit=2&owner_id=7");

  caller_.Answer(200, R"({"success":true,"data":[],"additional_data":{"next_cursor":null}})");
  query.cursor = page->next_cursor;
  const auto last = client_->ListRecords(query, {}, context_);
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(last->next_cursor, "");
  ExpectCall(http::Method::kGet, "/api/v2/persons?limit=2&cursor=bmV4dA%3D%3D&owner_id=7");
}

TEST_F(RecordsClientTest, LeadsGoByOffsets) {
  caller_.Answer(200, R"({"success":true,"data":[{"id":"u-1","title":"A"}],
      "additional_data":{"start":0,"limit":1,"more_items_in_collection":true,"next_start":1}})");
  RecordsQuery query;
  query.kind = RecordKind::kLead;
  query.page_size = 1;
  query.archived = true;
  const auto page = client_->ListRecords(query, {}, context_);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->next_cursor, "1");
  ExpectCall(http::Method::kGet, "/api/v1/leads/archived?limit=1&start=0");
  const size_t calls = caller_.calls().size();
  for (const char* cursor : {"x", "-1", "99999999999999999999"}) {
    query.cursor = cursor;
    EXPECT_FALSE(client_->ListRecords(query, {}, context_).ok()) << cursor;
  }
  EXPECT_EQ(caller_.calls().size(), calls);
}

TEST_F(RecordsClientTest, ReadsWritesAndRemovesEachKindAtItsPlace) {
  struct Row {
    RecordKind kind;
    std::string id;
    std::string path;
  };
  const Row rows[] = {
      {RecordKind::kPerson, "3", "/api/v2/persons"},
      {RecordKind::kDeal, "3", "/api/v2/deals"},
      {RecordKind::kOrganization, "3", "/api/v2/organizations"},
      {RecordKind::kActivity, "3", "/api/v2/activities"},
      {RecordKind::kLead, "adf21080-0e10-11eb-879b-05d71fb426ec", "/api/v1/leads"},
  };
  for (const Row& row : rows) {
    const std::string one = R"({"success":true,"data":{"id":3,"title":"T"}})";
    Record record;
    record.kind = row.kind;
    record.members = {{"title", Tree(std::string("T"))}};
    caller_.Answer(200, one);
    EXPECT_TRUE(client_->GetRecord(row.kind, row.id, {}, context_).ok());
    ExpectCall(http::Method::kGet, row.path + "/" + row.id);
    caller_.Answer(201, one);
    EXPECT_TRUE(client_->CreateRecord(record, {}, context_).ok());
    ExpectCall(http::Method::kPost, row.path);
    EXPECT_EQ(caller_.last().body, R"({"title":"T"})");
    EXPECT_NE(caller_.last().operation.repeat, Repeat::kSafe) << "a second one would be a double";
    caller_.Answer(200, one);
    EXPECT_TRUE(client_->UpdateRecord(row.id, record, {}, context_).ok());
    ExpectCall(http::Method::kPatch, row.path + "/" + row.id);
    caller_.Answer(200, R"({"success":true,"data":{"id":3}})");
    EXPECT_TRUE(client_->DeleteRecord(row.kind, row.id, context_).ok());
    ExpectCall(http::Method::kDelete, row.path + "/" + row.id);
  }
}

TEST_F(RecordsClientTest, CustomFieldsAreReadByTheirTypes) {
  caller_.Answer(200, R"({"success":true,"data":{"id":3,"name":"Ann","custom_fields":{")" + kKey +
                          R"(":7}}})");
  const auto record = client_->GetRecord(RecordKind::kPerson, "3", {{kKey, "enum"}}, context_);
  ASSERT_TRUE(record.ok()) << record.status();
  ASSERT_THAT(record->custom_fields, SizeIs(1));
  EXPECT_EQ(record->custom_fields[0].first, kKey);
  EXPECT_EQ(record->custom_fields[0].second, CustomValue(OptionIds{{7}}));
}

TEST_F(RecordsClientTest, ARefusalNamesTheMember) {
  caller_.Answer(400, R"({"success":false,"error":"Validation failed: stage_id: no such stage",
                          "code":"ERR_SCHEMA_VALIDATION_FAILED"})");
  Record record;
  record.kind = RecordKind::kDeal;
  record.members = {{"title", Tree(std::string("T"))}, {"stage_id", Tree(99.0)}};
  const absl::Status status = client_->CreateRecord(record, {}, context_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FieldOf(status), "stage_id");
}

TEST_F(RecordsClientTest, DeletesManyByOneCallWhereVersionOneIsUsed) {
  EXPECT_FALSE(client_->deletes_in_bulk());
  const auto one = Make(ApiVersion::kV1);
  EXPECT_TRUE(one->deletes_in_bulk());
  caller_.Answer(200, R"({"success":true,"data":{"id":[1,2]}})");
  const auto deleted = one->BulkDelete(RecordKind::kPerson, {1, 2, 3}, context_);
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_THAT(*deleted, ElementsAre(1, 2)) << "3 was not told to be deleted";
  EXPECT_EQ(caller_.last().method, http::Method::kDelete);
  EXPECT_THAT(caller_.last().url, HasSubstr("/persons?ids=1"));
}

}  // namespace
}  // namespace connector::pipedrive
