#include "brevo/answer_decoders.h"

#include <gtest/gtest.h>

#include "base/status.h"
#include "brevo/attribute_codec.h"
#include "brevo/process_decoder.h"

namespace connector::brevo {
namespace {

using State = Process::State;

TEST(DecodeProcesses, ReadsReportsAsAddressesNumbersOrNull) {
  const auto processes = DecodeProcesses(
      R"({"count":198,"processes":[
        {"id":217,"name":"IMPORTUSER","status":"completed","info":{"import":{
          "invalid_emails":"https://s3.example/a.csv?sig=1","duplicate_contact_id":null,
          "duplicate_ext_id":0,"duplicate_phone_id":3,"duplicate_email_id":"file:///etc/passwd",
          "duplicate_whatsapp_id":"7","odd":{}}}},
        {"id":213,"name":"SEARCH_EXPORT_USERS","status":"completed","export_url":"https://x"},
        {"id":212,"status":"queued","info":null},{"id":211,"status":"in_process"},
        {"id":210,"status":"processing"},{"id":209,"status":"failed"},
        {"id":208,"status":"cancelled"},{"id":207,"status":"paused"},{"id":206},{"status":"queued"}]})");
  ASSERT_TRUE(processes.ok()) << processes.status();
  ASSERT_EQ(processes->size(), 9u);
  const Process& first = (*processes)[0];
  EXPECT_EQ(first.id, 217);
  EXPECT_EQ(first.state, State::kCompleted);
  EXPECT_EQ(first.reports, (std::vector<std::pair<std::string, std::string>>{
                               {"invalid_emails", "https://s3.example/a.csv?sig=1"}}));
  EXPECT_EQ(first.counts,
            (std::vector<std::pair<std::string, int64_t>>{
                {"duplicate_ext_id", 0}, {"duplicate_phone_id", 3}, {"duplicate_whatsapp_id", 7}}));
  const State kStates[] = {State::kCompleted, State::kCompleted, State::kQueued,
                           State::kRunning,   State::kRunning,   State::kFailed,
                           State::kFailed,    State::kUnknown,   State::kUnknown};
  for (size_t i = 0; i < processes->size(); ++i) EXPECT_EQ((*processes)[i].state, kStates[i]) << i;
}

TEST(DecodeProcesses, AnAccountWithoutJobsIsNoError) {
  EXPECT_TRUE(DecodeProcesses(R"({"count":0})")->empty());
  EXPECT_TRUE(DecodeProcesses(R"({"count":0,"processes":[]})")->empty());
  for (const char* body : {"", "null", "{}", R"({"count":3})", "["}) {
    EXPECT_TRUE(absl::IsUnavailable(DecodeProcesses(body).status())) << body;
  }
}

TEST(DecodeAttributes, ReadsEveryType) {
  const auto attributes = DecodeAttributes(
      R"({"attributes":[{"category":"normal","name":"LASTNAME","type":"text"},
        {"category":"normal","name":"DOB","type":"date"},{"category":"normal","name":"LTV","type":"float"},
        {"category":"normal","name":"VIP","type":"boolean"},
        {"category":"category","name":"GENDER","type":"text",
         "enumeration":[{"label":"Men","value":1},{"label":"Other","value":0,"valueStr":"x"},
                        {"label":"Kid","value":0,"valueStr":"3"}]},
        {"category":"normal","name":"COUNTRY","type":"multiple-choice","multiCategoryOptions":["USA","India"]},
        {"category":"normal","name":"BDO","type":"user"},
        {"category":"calculated","name":"ORDERS","calculatedValue":"COUNT[]"},{"type":"text"},null]})");
  ASSERT_TRUE(attributes.ok()) << attributes.status();
  const std::vector<BrevoAttribute> expected = {
      {"LASTNAME", "normal", AttributeType::kText, {}},
      {"DOB", "normal", AttributeType::kDate, {}},
      {"LTV", "normal", AttributeType::kNumber, {}},
      {"VIP", "normal", AttributeType::kBoolean, {}},
      {"GENDER", "category", AttributeType::kCategory, {{1, "Men"}, {0, "Other"}, {3, "Kid"}}},
      {"COUNTRY", "normal", AttributeType::kMultipleChoice, {{0, "USA"}, {0, "India"}}},
      {"BDO", "normal", AttributeType::kOther, {}},
      {"ORDERS", "calculated", AttributeType::kOther, {}},
  };
  EXPECT_EQ(*attributes, expected);
  for (const char* body : {"", "null", "{}", R"({"attributes":null})"}) {
    EXPECT_TRUE(absl::IsUnavailable(DecodeAttributes(body).status())) << body;
  }
}

TEST(EncodeAttribute, WritesTypeAndOptions) {
  const struct {
    BrevoAttribute attribute;
    const char* category;
    const char* body;
  } kRows[] = {
      {{"A", "", AttributeType::kText, {}}, "normal", R"({"type":"text"})"},
      {{"A", "normal", AttributeType::kNumber, {}}, "normal", R"({"type":"float"})"},
      {{"A", "", AttributeType::kDate, {}}, "normal", R"({"type":"date"})"},
      {{"A", "", AttributeType::kBoolean, {}}, "normal", R"({"type":"boolean"})"},
      {{"A", "", AttributeType::kCategory, {{1, "a\"b"}, {2, "c"}}},
       "category",
       R"({"type":"category","enumeration":[{"value":1,"label":"a\"b"},{"value":2,"label":"c"}]})"},
      {{"A", "", AttributeType::kMultipleChoice, {{0, "a"}, {0, "b"}}},
       "normal",
       R"({"type":"multiple-choice","multiCategoryOptions":["a","b"]})"},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(*EncodeAttribute(row.attribute), row.body);
    EXPECT_EQ(AttributeCategory(row.attribute), row.category);
  }
  EXPECT_TRUE(
      absl::IsInvalidArgument(EncodeAttribute({"A", "", AttributeType::kOther, {}}).status()));
}

TEST(DecodeLists, ReadsIdsAndNames) {
  const auto page = DecodeLists(
      R"({"count":2,"lists":[{"folderId":1,"id":53,"name":"Spanish","totalSubscribers":9},
          {"id":50,"name":null},{"name":"x"}]})");
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->lists, (std::vector<BrevoList>{{53, "Spanish"}, {50, ""}}));
  EXPECT_EQ(page->total, 2);
  EXPECT_TRUE(DecodeLists(R"({"count":0})")->lists.empty());
  EXPECT_FALSE(DecodeLists("x").ok());
}

TEST(DecodeAccount, NamesTheMarketingPlan) {
  const auto account = DecodeAccount(
      R"({"companyName":"Acme","email":"m@acme.example","plan":[{"type":"sms"},{"type":"free"}],
          "planVerticals":[{"planCategory":"Chat","name":"Free"},
                           {"planCategory":"Marketing","name":"Business"}]})");
  ASSERT_TRUE(account.ok());
  EXPECT_EQ(account->company, "Acme");
  EXPECT_EQ(account->email, "m@acme.example");
  EXPECT_EQ(account->plan, "Business");
  EXPECT_EQ(DecodeAccount(R"({"plan":[{"type":"sms"},{"type":"free"}]})")->plan, "free");
  for (const char* body : {"", "null", "[]"}) EXPECT_FALSE(DecodeAccount(body).ok()) << body;
}

TEST(DecodeNumber, NeedsTheNumber) {
  EXPECT_EQ(*DecodeNumber(R"({"processId":78})", "processId"), 78);
  for (const char* body : {"", "null", "{}", R"({"processId":"x"})"}) {
    EXPECT_TRUE(absl::IsUnavailable(DecodeNumber(body, "processId").status())) << body;
  }
}

}  // namespace
}  // namespace connector::brevo
