#include <gmock/gmock.h>

#include "base/time_format.h"
#include "unit/rpc/server_fixture.h"

namespace connector::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kKey(40, 'a');

constexpr const char* kFields = R"({"success":true,"data":[
  {"field_code":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","field_name":"Lead Source",
   "field_type":"enum","is_custom_field":true,"options":[{"id":7,"label":"Website"}]}],
  "additional_data":{"next_cursor":null}})";
constexpr const char* kPerson = R"({"id":3,"name":"Ann Lee","first_name":"Ann","last_name":"Lee",
  "org_id":9,"owner_id":1,"label_ids":[5],"update_time":"2026-11-24T08:15:30Z","is_deleted":false,
  "emails":[{"value":"ann@example.com","label":"work","primary":true}],
  "custom_fields":{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":7}})";

class RecordsTest : public ServerFixture {
 protected:
  RecordsTest() { records.Add("default", {pipedrive_client, *records_client, *person_writes}); }
  void AnswerOne(const std::string& record) {
    caller.Answer(200, R"({"success":true,"data":)" + record + "}");
  }
  int64_t SecondsAgo(Duration ago) const {
    return std::chrono::floor<std::chrono::seconds>(hub_clock.Now() - ago)
        .time_since_epoch()
        .count();
  }
  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (v1::PipedriveRecords::Stub::*method)(grpc::ClientContext*,
                                                                       const Request&, Response*),
                    const Request& request, Response& response) {
    CallContext context;
    return (stub.get()->*method)(&context, request, &response);
  }

  const std::unique_ptr<v1::PipedriveRecords::Stub> stub = v1::PipedriveRecords::NewStub(Connect());
};

TEST_F(RecordsTest, ListsAPageAndTheNext) {
  caller.Answer(200, kFields);
  caller.Answer(200, absl::StrCat(R"({"success":true,"data":[)", kPerson,
                                  R"(],"additional_data":{"next_cursor":"c1"}})"));
  v1::ListPersonsRequest request;
  request.set_page_size(50);
  request.set_organization_id(9);
  request.mutable_updated_since()->set_seconds(1'700'000'000);
  v1::ListPersonsResponse page;
  const grpc::Status status = Call(&v1::PipedriveRecords::Stub::ListPersons, request, page);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(caller.last().url,
              HasSubstr("/api/v2/persons?limit=50&updated_since=2023-11-14T22%3A13%3A20Z&"
                        "org_id=9&sort_by=id"));
  EXPECT_EQ(caller.last().context.priority, quota::Priority::kInteractive);
  ASSERT_EQ(page.persons_size(), 1);
  const v1::Person& person = page.persons(0);
  EXPECT_EQ(person.id(), 3);
  EXPECT_EQ(person.organization_id(), 9);
  EXPECT_EQ(person.emails(0).value(), "ann@example.com");
  EXPECT_TRUE(person.emails(0).primary());
  EXPECT_THAT(person.label_ids(), ElementsAre(5));
  EXPECT_EQ(person.custom_fields().at(kKey).string_value(), "Website");
  EXPECT_GT(person.update_time().seconds(), 0);

  request.set_page_token(page.next_page_token());
  request.set_background(true);
  caller.Answer(200, R"({"success":true,"data":[],"additional_data":{"next_cursor":null}})");
  ASSERT_TRUE(Call(&v1::PipedriveRecords::Stub::ListPersons, request, page).ok());
  EXPECT_THAT(caller.last().url, HasSubstr("&cursor=c1"));
  EXPECT_EQ(caller.last().context.priority, quota::Priority::kBackfill);
  EXPECT_EQ(page.next_page_token(), "");
  request.set_owner_id(4);
  const grpc::Status other = Call(&v1::PipedriveRecords::Stub::ListPersons, request, page);
  EXPECT_EQ(other.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(other.error_message(), HasSubstr("page_token"));
}

TEST_F(RecordsTest, WritesWhatTheMaskNames) {
  caller.Answer(200, kFields);
  AnswerOne(kPerson);
  v1::UpdatePersonRequest request;
  request.mutable_person()->set_id(3);
  request.mutable_person()->set_name("Ann Orr");
  request.mutable_person()->set_owner_id(8);  // not in the mask
  (*request.mutable_person()->mutable_custom_fields())["Lead Source"].set_string_value("website");
  for (const char* path : {"name", "emails", "custom_fields.Lead Source"}) {
    request.mutable_update_mask()->add_paths(path);
  }
  v1::UpdatePersonResponse response;
  const grpc::Status status = Call(&v1::PipedriveRecords::Stub::UpdatePerson, request, response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(caller.last().method, http::Method::kPatch);
  EXPECT_EQ(caller.last().body, R"({"name":"Ann Orr","emails":[],"custom_fields":{)"
                                R"("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":7}})");
  EXPECT_EQ(response.person().name(), "Ann Lee");
}

// Pipedrive's description of its API says of each field whether it takes null.
TEST_F(RecordsTest, ClearsWhatPipedriveCanClearAndRefusesTheRest) {
  const auto update = [this](const char* path) {
    v1::UpdateDealRequest request;
    request.mutable_deal()->set_id(3);
    request.mutable_update_mask()->add_paths(path);
    v1::UpdateDealResponse response;
    return Call(&v1::PipedriveRecords::Stub::UpdateDeal, request, response);
  };
  const std::pair<const char*, const char*> clearable[] = {
      {"probability", R"({"probability":null})"},
      {"lost_reason", R"({"lost_reason":null})"},
      {"value", R"({"value":0})"},
      {"label_ids", R"({"label_ids":[]})"}};
  caller.Answer(200, kFields);
  for (const auto& [path, body] : clearable) {
    AnswerOne(R"({"id":3,"title":"D"})");
    const grpc::Status status = update(path);
    EXPECT_TRUE(status.ok()) << path << ": " << status.error_message();
    EXPECT_EQ(caller.last().body, body);
  }
  const size_t calls = caller.calls().size();
  for (const char* path : {"title", "person_id", "organization_id", "stage_id", "owner_id",
                           "status", "expected_close_date"}) {
    const grpc::Status status = update(path);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << path;
    EXPECT_THAT(status.error_message(), HasSubstr(path));
  }
  EXPECT_EQ(caller.calls().size(), calls) << "no call is spent on them";
}

TEST_F(RecordsTest, CreatesADealAndAnActivity) {
  caller.Answer(200, R"({"success":true,"data":[],"additional_data":{"next_cursor":null}})");
  AnswerOne(R"({"id":5,"title":"Big","value":10.5,"currency":"EUR","status":"won","stage_id":2})");
  v1::CreateDealRequest deal;
  deal.mutable_deal()->set_title("Big");
  deal.mutable_deal()->mutable_value()->set_amount("10.50");
  deal.mutable_deal()->mutable_value()->set_currency("EUR");
  deal.mutable_deal()->set_status(v1::DEAL_STATUS_WON);
  v1::CreateDealResponse made;
  ASSERT_TRUE(Call(&v1::PipedriveRecords::Stub::CreateDeal, deal, made).ok());
  EXPECT_EQ(caller.last().body, R"({"title":"Big","value":10.5,"currency":"EUR","status":"won"})");
  EXPECT_EQ(made.deal().value().amount(), "10.50");
  EXPECT_EQ(made.deal().status(), v1::DEAL_STATUS_WON);

  AnswerOne(R"({"id":6,"subject":"Call","due_time":"08:30:00","done":true,
                "participants":[{"person_id":4},{"person_id":3,"primary":true}]})");
  v1::CreateActivityRequest activity;
  activity.mutable_activity()->set_subject("Call");
  activity.mutable_activity()->set_due_time("08:30");
  activity.mutable_activity()->add_person_ids(3);
  activity.mutable_activity()->add_person_ids(4);
  v1::CreateActivityResponse done;
  ASSERT_TRUE(Call(&v1::PipedriveRecords::Stub::CreateActivity, activity, done).ok());
  EXPECT_EQ(caller.last().body,
            R"({"subject":"Call","due_time":"08:30:00","participants":[)"
            R"({"person_id":3,"primary":true},{"person_id":4,"primary":false}]})");
  EXPECT_THAT(done.activity().person_ids(), ElementsAre(3, 4));
  EXPECT_EQ(done.activity().due_time(), "08:30");
}

TEST_F(RecordsTest, ErrorsNameTheField) {
  v1::CreatePersonRequest nameless;
  nameless.mutable_person()->set_owner_id(1);
  v1::CreatePersonResponse created;
  grpc::Status status = Call(&v1::PipedriveRecords::Stub::CreatePerson, nameless, created);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("person.name"));

  v1::GetDealResponse deal;
  status = Call(&v1::PipedriveRecords::Stub::GetDeal, v1::GetDealRequest(), deal);
  EXPECT_THAT(status.error_message(), HasSubstr("deal_id"));

  caller.Answer(200, kFields);
  caller.Answer(404, R"({"success":false,"error":"Person not found"})");
  v1::GetPersonRequest gone;
  gone.set_person_id(77);
  v1::GetPersonResponse person;
  status = Call(&v1::PipedriveRecords::Stub::GetPerson, gone, person);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);

  v1::ListRecentsRequest old;
  old.mutable_since()->set_seconds(SecondsAgo(std::chrono::hours(24 * 32)));
  v1::ListRecentsResponse changes;
  status = Call(&v1::PipedriveRecords::Stub::ListRecents, old, changes);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("one month"));
}

TEST_F(RecordsTest, BulkDeleteTellsWhatRemains) {
  caller.Answer(200, R"({"success":true,"data":{"id":1}})");
  caller.Answer(404, R"({"success":false,"error":"Deal not found"})");
  caller.Answer(200, R"({"success":true,"data":{"id":3}})");
  caller.Fail(absl::ResourceExhaustedError("no tokens before the deadline"));
  v1::BulkDeleteRequest request;
  request.set_kind(v1::RECORD_KIND_DEAL);
  for (const int64_t id : {3, 1, 2, 5, 4, 3}) request.add_ids(id);
  v1::BulkDeleteResponse response;
  const grpc::Status status = Call(&v1::PipedriveRecords::Stub::BulkDelete, request, response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(response.deleted_ids(), ElementsAre(1, 3));
  EXPECT_THAT(response.remaining_ids(), ElementsAre(2, 4, 5));
  EXPECT_EQ(caller.calls().size(), 4u);
}

TEST_F(RecordsTest, RecentsInTheFormOfApiV2) {
  for (int i = 0; i < 3; ++i) caller.Answer(200, kFields);
  caller.Answer(200, R"({"success":true,"data":[
    {"item":"person","id":3,"data":{"id":3,"name":"Ann","email":[{"value":"a@example.com"}],
     "active_flag":false,"org_id":{"value":9,"name":"Acme"},"update_time":"2026-11-24 08:15:30"}},
    {"item":"deal","id":4,"data":{"id":4,"title":"Big","user_id":2,"deleted":false}},
    {"item":"file","id":5,"data":{"id":5}},{"item":"deal","id":6,"data":null}],
    "additional_data":{"pagination":{"more_items_in_collection":true,"next_start":4}}})");
  v1::ListRecentsRequest request;
  request.mutable_since()->set_seconds(SecondsAgo(std::chrono::hours(24)));
  v1::ListRecentsResponse response;
  const grpc::Status status = Call(&v1::PipedriveRecords::Stub::ListRecents, request, response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  const std::string since = FormatSeconds(Time(std::chrono::seconds(request.since().seconds())));
  EXPECT_THAT(caller.last().url,
              HasSubstr(absl::StrCat("/api/v1/recents?since_timestamp=", since.substr(0, 10), "%20",
                                     since.substr(11, 2), "%3A", since.substr(14, 2), "%3A",
                                     since.substr(17, 2),
                                     "&items=person%2Cdeal%2Corganization%2Cactivity&start=0")));
  ASSERT_EQ(response.changes_size(), 2);
  EXPECT_TRUE(response.changes(0).person().is_deleted());
  EXPECT_EQ(response.changes(0).person().organization_id(), 9);
  EXPECT_EQ(response.changes(0).person().emails(0).value(), "a@example.com");
  EXPECT_EQ(response.changes(1).deal().owner_id(), 2);
  EXPECT_NE(response.next_page_token(), "");
}

}  // namespace
}  // namespace connector::rpc
