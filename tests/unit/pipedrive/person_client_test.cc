#include "pipedrive/person_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "support/fake_caller.h"

namespace connector::pipedrive {
namespace {

using quota::Repeat;
using ::testing::HasSubstr;

const std::string kKey(40, 'a');

constexpr const char* kPerson = R"({"success":true,"data":{"id":7,"name":"Ann Lee",
  "first_name":"Ann","last_name":"Lee","emails":[{"value":"ann@example.com","primary":true,
  "label":"work"}],"org_id":null,"is_deleted":false,"custom_fields":{
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":17}}})";
constexpr const char* kPersonV1 = R"({"success":true,"data":{"id":7,"name":"Ann Lee",
  "first_name":"Ann","last_name":"Lee","email":[{"value":"ann@example.com","primary":true}],
  "org_id":{"value":3,"name":"Acme"},"active_flag":true,"won_deals_count":2,
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":"17"}})";

PersonWrite Named(std::string name) {
  PersonWrite write;
  write.name = std::move(name);
  return write;
}

class PersonClientTest : public ::testing::Test {
 protected:
  PersonClientTest() {
    selection_.custom_keys = {kKey};
    selection_.custom_types = {{kKey, "enum"}};
  }

  std::unique_ptr<PersonClient> Client(ApiVersion version) {
    return MakePersonClient({"https://acme.pipedrive.com", Secret("token-1"), version}, caller_);
  }
  void ExpectLast(http::Method method, const std::string& path, int tokens, Repeat repeat) {
    EXPECT_EQ(caller_.last().method, method);
    EXPECT_EQ(caller_.last().url, "https://acme.pipedrive.com" + path);
    EXPECT_EQ(caller_.last().HeaderValue("x-api-token"), "token-1");
    EXPECT_EQ(caller_.last().operation.tokens, tokens);
    EXPECT_EQ(caller_.last().operation.repeat, repeat);
    EXPECT_EQ(caller_.last().operation.write, method != http::Method::kGet);
  }

  testing::FakeCaller caller_;
  Selection selection_;
  const std::unique_ptr<PersonClient> v2_ = Client(ApiVersion::kV2);
  const std::unique_ptr<PersonClient> v1_ = Client(ApiVersion::kV1);
};

TEST_F(PersonClientTest, CreatesInV2) {
  caller_.Answer(201, kPerson);
  PersonWrite write = Named("Ann Lee");
  write.emails = {{"ann@example.com", "work", true}, {"a@example.com", "", true}};
  write.phones.emplace();
  write.org_id = 3;
  write.custom_fields = {{kKey, OptionIds{{17}}}};
  const auto person = v2_->CreatePerson(write, selection_, {});
  ASSERT_TRUE(person.ok()) << person.status();
  ExpectLast(http::Method::kPost, "/api/v2/persons", 5, Repeat::kUnsafe);
  EXPECT_EQ(caller_.last().body,
            R"({"name":"Ann Lee","emails":[{"value":"ann@example.com","primary":true,)"
            R"("label":"work"},{"value":"a@example.com","primary":false}],"phones":[],)"
            R"("org_id":3,"custom_fields":{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":17}})");
  EXPECT_EQ(person->id, 7);
  EXPECT_EQ(*FindCustomField(person->custom_fields, kKey), CustomValue(OptionIds{{17}}));
}

TEST_F(PersonClientTest, WritesInV1) {
  caller_.Answer(201, kPersonV1);
  PersonWrite write = Named("Ann Lee");
  write.emails = {{"ann@example.com", "work", true}};
  write.org_id = 0;
  write.owner_id = 2;
  write.custom_fields = {{kKey, Monetary{12.5, "EUR"}}};
  ASSERT_TRUE(v1_->CreatePerson(write, selection_, {}).ok());
  ExpectLast(http::Method::kPost, "/api/v1/persons", 10, Repeat::kUnsafe);
  EXPECT_EQ(caller_.last().body,
            R"({"name":"Ann Lee","email":[{"value":"ann@example.com","primary":true,)"
            R"("label":"work"}],"org_id":null,"owner_id":2,)"
            R"("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":12.5,)"
            R"("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_currency":"EUR"})");
  caller_.Answer(200, kPersonV1);
  selection_.deal_counts = true;
  const auto person = v1_->UpdatePerson(7, write, selection_, {});
  ASSERT_TRUE(person.ok()) << person.status();
  ExpectLast(http::Method::kPut, "/api/v1/persons/7", 10, Repeat::kSafe);
  EXPECT_EQ(person->won_deals_count, 2);
  EXPECT_EQ(person->org_id, 3);
  caller_.Answer(200, R"({"success":true,"data":{"id":7}})");
  EXPECT_TRUE(v1_->DeletePerson(7, {}).ok());
  ExpectLast(http::Method::kDelete, "/api/v1/persons/7", 6, Repeat::kSafe);
}

TEST_F(PersonClientTest, ReadsWhatAnAnswerOfV2Lacks) {
  selection_.deal_counts = true;
  caller_.Answer(200, kPerson);
  caller_.Answer(200, R"({"success":true,"data":{"id":7,"name":"Ann","won_deals_count":3,
                          "marketing_status":"no_consent"}})");
  PersonWrite write;
  write.marketing_status = "unsubscribed";
  const auto person = v2_->UpdatePerson(7, write, selection_, {});
  ASSERT_TRUE(person.ok()) << person.status();
  ASSERT_EQ(caller_.calls().size(), 2u);
  EXPECT_EQ(caller_.calls()[0].body, R"({"marketing_status":"unsubscribed"})");
  ExpectLast(http::Method::kGet,
             "/api/v2/persons/7?include_fields=won_deals_count%2Clost_deals_count%2C"
             "open_deals_count%2Cclosed_deals_count%2Cmarketing_status",
             1, Repeat::kSafe);
  EXPECT_EQ(person->won_deals_count, 3);
  EXPECT_EQ(person->marketing_status, "no_consent");
}

TEST_F(PersonClientTest, ACreationThatCannotBeReadIsNotRepeated) {
  selection_.deal_counts = true;
  caller_.Answer(201, kPerson);
  caller_.Answer(503, "{}");
  const auto person = v2_->CreatePerson(Named("Ann"), selection_, {});
  EXPECT_EQ(ReactionOf(person.status()), Reaction::kAmbiguous);
}

TEST_F(PersonClientTest, NamesGoTogether) {
  struct Row {
    PersonWrite write;
    bool reads;
    const char* body;
  };
  PersonWrite both, first, last, all;
  both.first_name = "Eve";
  both.last_name = "Orr";
  first.first_name = "Eve";
  last.last_name = "";
  all = both;
  all.name = "E. Orr";
  for (const Row& row :
       {Row{both, false, R"({"name":"Eve Orr"})"}, Row{first, true, R"({"name":"Eve Lee"})"},
        Row{last, true, R"({"name":"Ann"})"}, Row{all, false, R"({"name":"E. Orr"})"}}) {
    if (row.reads) caller_.Answer(200, kPerson);
    caller_.Answer(200, kPerson);
    EXPECT_TRUE(v2_->UpdatePerson(7, row.write, {}, {}).ok());
    EXPECT_EQ(caller_.last().body, row.body);
  }
  const auto nameless = v2_->CreatePerson(Named(""), {}, {});
  EXPECT_TRUE(absl::IsInvalidArgument(nameless.status()));
  EXPECT_EQ(FieldOf(nameless.status()), "name");
}

TEST_F(PersonClientTest, SaysWhatIsGone) {
  caller_.Answer(404, R"({"success":false,"error":"Person not found"})");
  EXPECT_EQ(ReactionOf(v2_->UpdatePerson(7, Named("A"), {}, {}).status()), Reaction::kGone);
  ExpectLast(http::Method::kPatch, "/api/v2/persons/7", 5, Repeat::kSafe);
  caller_.Answer(200, R"({"success":true,"data":{"id":7,"active_flag":false}})");
  EXPECT_TRUE(absl::IsNotFound(v1_->UpdatePerson(7, Named("A"), {}, {}).status()));
  caller_.Answer(404, R"({"success":false,"error":"Person not found"})");
  EXPECT_TRUE(v2_->DeletePerson(7, {}).ok());
  ExpectLast(http::Method::kDelete, "/api/v2/persons/7", 3, Repeat::kSafe);
  caller_.Answer(500, "{}");
  EXPECT_TRUE(absl::IsUnavailable(v2_->DeletePerson(7, {})));
}

TEST_F(PersonClientTest, ARefusalNamesItsField) {
  struct Row {
    const char* error;
    std::string field;
    Reaction reaction;
  };
  const std::string custom = "custom_fields: unknown field " + kKey;
  for (const Row& row :
       {Row{"Validation failed: org_id: no such organization", "org_id", Reaction::kFailRecord},
        Row{"emails items must be objects", "emails", Reaction::kFailRecord},
        Row{custom.c_str(), kKey, Reaction::kRepair}}) {
    caller_.Answer(400, absl::StrCat(R"({"success":false,"error":")", row.error,
                                     R"(","code":"ERR_SCHEMA_VALIDATION_FAILED"})"));
    const absl::Status status = v2_->UpdatePerson(7, Named("A"), {}, {}).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_EQ(FieldOf(status), row.field);
    EXPECT_EQ(ReactionOf(status), row.reaction);
  }
}

TEST_F(PersonClientTest, MergesIntoTheOneThatStays) {
  caller_.Answer(200, R"({"success":true,"data":{"id":9,"merge_what_id":7}})");
  EXPECT_EQ(*v2_->MergePersons(7, 9, {}), 9);
  ExpectLast(http::Method::kPut, "/api/v1/persons/7/merge", 40, Repeat::kUnsafe);
  EXPECT_EQ(caller_.last().body, R"({"merge_with_id":9})");
  caller_.Answer(200, R"({"success":true,"data":null})");
  EXPECT_TRUE(absl::IsUnavailable(v1_->MergePersons(7, 9, {}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(v1_->MergePersons(7, 7, {}).status()));
}

}  // namespace
}  // namespace connector::pipedrive
