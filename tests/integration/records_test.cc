// Every method of PipedriveRecords through the real binaries, with the rate limits on.

#include <google/protobuf/util/time_util.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "integration/harness.h"
#include "integration/look.h"
#include "pipedrive_connector/v1/records.grpc.pb.h"

namespace connector::integration {
namespace {

namespace v1 = pipedrive_connector::v1;
using Stub = v1::PipedriveRecords::Stub;

class Client {
 public:
  explicit Client(const World& world)
      : stub_(v1::PipedriveRecords::NewStub(
            grpc::CreateChannel(world.grpc_address(), grpc::InsecureChannelCredentials()))) {}

  template <typename Request, typename Response>
  grpc::Status Try(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                   const Request& request, Response& response,
                   std::chrono::milliseconds deadline = kPatience) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + deadline);
    return (stub_.get()->*method)(&context, request, &response);
  }
  // One that must succeed.
  template <typename Request, typename Response>
  Response Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const Request& request) {
    Response response;
    const grpc::Status status = Try(method, request, response);
    EXPECT_TRUE(status.ok()) << Request::descriptor()->name() << ": " << status.error_message();
    return response;
  }

 private:
  const std::unique_ptr<Stub> stub_;
};

World::Options Small() { return {.persons = 230, .organizations = 30, .existing_contacts = 0}; }

google::protobuf::Value Text(const std::string& text) {
  google::protobuf::Value value;
  value.set_string_value(text);
  return value;
}

google::protobuf::Value Labels(const std::vector<std::string>& labels) {
  google::protobuf::Value value;
  for (const std::string& label : labels) *value.mutable_list_value()->add_values() = Text(label);
  return value;
}

int64_t MakePerson(Client& client, const std::string& name) {
  v1::CreatePersonRequest request;
  request.mutable_person()->set_name(name);
  return client.Call(&Stub::CreatePerson, request).person().id();
}

grpc::StatusCode CodeOfPerson(Client& client, int64_t id) {
  v1::GetPersonRequest request;
  request.set_person_id(id);
  v1::GetPersonResponse response;
  const grpc::Status status = client.Try(&Stub::GetPerson, request, response);
  // Pipedrive shows a deleted record for 30 days.
  return status.ok() && response.person().is_deleted() ? grpc::StatusCode::NOT_FOUND
                                                       : status.error_code();
}

// Walks a list to its end; each record must come once, by id.
template <typename Request, typename Response, typename Records>
size_t Walk(Client& client,
            grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
            Records records, int page_size) {
  Request request;
  request.set_page_size(page_size);
  std::set<std::string> ids;
  size_t seen = 0;
  int pages = 0;
  do {
    const Response page = client.Call(method, request);
    EXPECT_LE(records(page).size(), page_size);
    for (const auto& record : records(page)) {
      ids.insert(::testing::PrintToString(record.id()));
      ++seen;
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && ++pages < 1000);
  EXPECT_EQ(ids.size(), seen) << "no record comes twice";
  return seen;
}

TEST(Records, ListsComePageByPage) {
  World world(Small());
  world.StartService();
  Client client(world);
  EXPECT_GE(Walk(
                client, &Stub::ListPersons, [](const auto& p) { return p.persons(); }, 100),
            200u);
  const size_t deals = Walk(
      client, &Stub::ListDeals, [](const auto& p) { return p.deals(); }, 50);
  EXPECT_GT(deals, 50u);
  EXPECT_GE(
      Walk(
          client, &Stub::ListOrganizations, [](const auto& p) { return p.organizations(); }, 20),
      25u);
  EXPECT_GT(Walk(
                client, &Stub::ListActivities, [](const auto& p) { return p.activities(); }, 50),
            0u);
  EXPECT_GT(Walk(
                client, &Stub::ListLeads, [](const auto& p) { return p.leads(); }, 50),
            0u);

  v1::ListDealsRequest open;
  open.set_page_size(500);
  open.set_status(v1::DEAL_STATUS_OPEN);
  open.set_background(true);
  const v1::ListDealsResponse narrowed = client.Call(&Stub::ListDeals, open);
  EXPECT_LT(static_cast<size_t>(narrowed.deals_size()), deals);
  for (const v1::Deal& deal : narrowed.deals()) EXPECT_EQ(deal.status(), v1::DEAL_STATUS_OPEN);

  v1::ListPersonsRequest few;
  few.add_ids(3);
  few.add_ids(5);
  EXPECT_EQ(client.Call(&Stub::ListPersons, few).persons_size(), 2);
  ExpectWellBehaved(world.Stats());
}

TEST(Records, APersonsLife) {
  World world(Small());
  world.StartService();
  Client client(world);
  v1::CreatePersonRequest create;
  create.mutable_person()->set_name("Ann Lee");
  v1::ContactPoint& email = *create.mutable_person()->add_emails();
  email.set_value("ann.lee@records.example");
  email.set_primary(true);
  create.mutable_person()->set_organization_id(1);
  (*create.mutable_person()->mutable_custom_fields())["Lead Source"] = Labels({"Website"});
  const v1::Person made = client.Call(&Stub::CreatePerson, create).person();
  EXPECT_GT(made.id(), 0);
  ASSERT_EQ(made.emails_size(), 1);
  EXPECT_EQ(made.organization_id(), 1);
  EXPECT_EQ(made.custom_fields_size(), 1);
  const google::protobuf::Value& labels = made.custom_fields().begin()->second;
  ASSERT_EQ(labels.list_value().values_size(), 1) << labels.ShortDebugString();
  EXPECT_EQ(labels.list_value().values(0).string_value(), "Website") << "options by label";

  v1::UpdatePersonRequest update;
  update.mutable_person()->set_id(made.id());
  update.mutable_person()->set_name("Ann Orr");
  update.mutable_person()->set_organization_id(2);  // not in the mask
  for (const char* path : {"name", "emails", "custom_fields.Lead Source"}) {
    update.mutable_update_mask()->add_paths(path);
  }
  client.Call(&Stub::UpdatePerson, update);
  v1::GetPersonRequest get;
  get.set_person_id(made.id());
  const v1::Person after = client.Call(&Stub::GetPerson, get).person();
  EXPECT_EQ(after.name(), "Ann Orr");
  EXPECT_EQ(after.organization_id(), 1);
  EXPECT_EQ(after.emails_size(), 0) << "cleared";
  EXPECT_EQ(after.custom_fields_size(), 0) << "cleared";

  update.mutable_update_mask()->Clear();
  update.mutable_update_mask()->add_paths("organization_id");
  update.mutable_person()->clear_organization_id();
  v1::UpdatePersonResponse refused;
  EXPECT_EQ(client.Try(&Stub::UpdatePerson, update, refused).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT)
      << "Pipedrive takes no null there";
  (*create.mutable_person()->mutable_custom_fields())["No Such Field"] = Text("x");
  v1::CreatePersonResponse unmade;
  EXPECT_EQ(client.Try(&Stub::CreatePerson, create, unmade).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);

  v1::DeletePersonRequest gone;
  gone.set_person_id(made.id());
  client.Call(&Stub::DeletePerson, gone);
  EXPECT_EQ(CodeOfPerson(client, made.id()), grpc::StatusCode::NOT_FOUND);
  ExpectWellBehaved(world.Stats());
}

TEST(Records, ADealsAndAnOrganizationsLife) {
  World world(Small());
  world.StartService();
  Client client(world);
  v1::CreateOrganizationRequest make_org;
  make_org.mutable_organization()->set_name("Acme Records");
  make_org.mutable_organization()->set_address("1 Main Street, Springfield");
  const v1::Organization org = client.Call(&Stub::CreateOrganization, make_org).organization();
  EXPECT_EQ(org.address(), "1 Main Street, Springfield");
  v1::UpdateOrganizationRequest rename;
  rename.mutable_organization()->set_id(org.id());
  rename.mutable_organization()->set_name("Acme Recordings");
  client.Call(&Stub::UpdateOrganization, rename);
  v1::GetOrganizationRequest get_org;
  get_org.set_organization_id(org.id());
  EXPECT_EQ(client.Call(&Stub::GetOrganization, get_org).organization().name(), "Acme Recordings");

  v1::CreateDealRequest make;
  make.mutable_deal()->set_title("Ten chairs");
  make.mutable_deal()->set_organization_id(org.id());
  make.mutable_deal()->set_stage_id(1);
  make.mutable_deal()->mutable_value()->set_amount("1234.50");
  make.mutable_deal()->mutable_value()->set_currency("EUR");
  make.mutable_deal()->set_probability(30);
  const v1::Deal made = client.Call(&Stub::CreateDeal, make).deal();
  EXPECT_EQ(made.value().amount(), "1234.50");
  EXPECT_EQ(made.status(), v1::DEAL_STATUS_OPEN);
  EXPECT_DOUBLE_EQ(made.probability(), 30);
  v1::UpdateDealRequest update;
  update.mutable_deal()->set_id(made.id());
  update.mutable_deal()->set_stage_id(2);
  for (const char* path : {"stage_id", "probability"}) {
    update.mutable_update_mask()->add_paths(path);
  }
  client.Call(&Stub::UpdateDeal, update);
  v1::GetDealRequest get;
  get.set_deal_id(made.id());
  v1::Deal after = client.Call(&Stub::GetDeal, get).deal();
  EXPECT_EQ(after.stage_id(), 2);
  EXPECT_FALSE(after.has_probability()) << "cleared";
  update.Clear();
  update.mutable_deal()->set_id(made.id());
  update.mutable_deal()->set_status(v1::DEAL_STATUS_LOST);
  update.mutable_deal()->set_lost_reason("Too dear");
  client.Call(&Stub::UpdateDeal, update);
  after = client.Call(&Stub::GetDeal, get).deal();
  EXPECT_EQ(after.status(), v1::DEAL_STATUS_LOST);
  EXPECT_TRUE(after.has_lost_time());

  v1::DeleteDealRequest drop;
  drop.set_deal_id(made.id());
  client.Call(&Stub::DeleteDeal, drop);
  v1::DeleteOrganizationRequest drop_org;
  drop_org.set_organization_id(org.id());
  client.Call(&Stub::DeleteOrganization, drop_org);
  v1::GetDealResponse deleted;
  const grpc::Status shown = client.Try(&Stub::GetDeal, get, deleted);
  EXPECT_TRUE(!shown.ok() || deleted.deal().is_deleted());
  ExpectWellBehaved(world.Stats());
}

TEST(Records, AnActivitysAndALeadsLife) {
  World world(Small());
  world.StartService();
  Client client(world);
  const int64_t person = MakePerson(client, "Ann Lee");
  v1::CreateActivityRequest make;
  make.mutable_activity()->set_subject("Call Ann");
  make.mutable_activity()->set_type("call");
  make.mutable_activity()->set_due_date("2026-12-01");
  make.mutable_activity()->set_due_time("08:30");
  make.mutable_activity()->set_note("<p>about chairs</p>");
  make.mutable_activity()->add_person_ids(person);
  const v1::Activity made = client.Call(&Stub::CreateActivity, make).activity();
  EXPECT_EQ(made.due_time(), "08:30");
  v1::UpdateActivityRequest update;
  update.mutable_activity()->set_id(made.id());
  update.mutable_activity()->set_done(true);
  for (const char* path : {"done", "note"}) update.mutable_update_mask()->add_paths(path);
  client.Call(&Stub::UpdateActivity, update);
  v1::GetActivityRequest get;
  get.set_activity_id(made.id());
  const v1::Activity after = client.Call(&Stub::GetActivity, get).activity();
  EXPECT_TRUE(after.done());
  EXPECT_EQ(after.note(), "") << "cleared";
  v1::DeleteActivityRequest drop;
  drop.set_activity_id(made.id());
  client.Call(&Stub::DeleteActivity, drop);

  v1::CreateLeadRequest make_lead;
  make_lead.mutable_lead()->set_title("Chairs for Ann");
  make_lead.mutable_lead()->set_person_id(person);
  make_lead.mutable_lead()->mutable_value()->set_amount("99.90");
  make_lead.mutable_lead()->mutable_value()->set_currency("EUR");
  const v1::Lead lead = client.Call(&Stub::CreateLead, make_lead).lead();
  EXPECT_FALSE(lead.id().empty());
  v1::UpdateLeadRequest change;
  change.mutable_lead()->set_id(lead.id());
  change.mutable_lead()->set_title("Twenty chairs");
  for (const char* path : {"title", "value"}) change.mutable_update_mask()->add_paths(path);
  client.Call(&Stub::UpdateLead, change);
  v1::GetLeadRequest get_lead;
  get_lead.set_lead_id(lead.id());
  const v1::Lead changed = client.Call(&Stub::GetLead, get_lead).lead();
  EXPECT_EQ(changed.title(), "Twenty chairs");
  EXPECT_FALSE(changed.has_value()) << "cleared";
  v1::DeleteLeadRequest drop_lead;
  drop_lead.set_lead_id(lead.id());
  client.Call(&Stub::DeleteLead, drop_lead);
  v1::GetLeadResponse missing;
  EXPECT_EQ(client.Try(&Stub::GetLead, get_lead, missing).error_code(),
            grpc::StatusCode::NOT_FOUND);
  ExpectWellBehaved(world.Stats());
}

TEST(Records, PipelinesStagesAndFields) {
  World world(Small());
  world.StartService();
  Client client(world);
  EXPECT_EQ(client.Call(&Stub::ListPipelines, v1::ListPipelinesRequest()).pipelines_size(), 2);
  v1::ListStagesRequest stages;
  const int all = client.Call(&Stub::ListStages, stages).stages_size();
  stages.set_pipeline_id(2);
  const v1::ListStagesResponse second = client.Call(&Stub::ListStages, stages);
  EXPECT_GT(second.stages_size(), 0);
  EXPECT_LT(second.stages_size(), all);
  for (const v1::Stage& stage : second.stages()) EXPECT_EQ(stage.pipeline_id(), 2);
  for (const v1::RecordKind kind :
       {v1::RECORD_KIND_PERSON, v1::RECORD_KIND_DEAL, v1::RECORD_KIND_ORGANIZATION,
        v1::RECORD_KIND_ACTIVITY, v1::RECORD_KIND_LEAD}) {
    v1::ListFieldsRequest fields;
    fields.set_kind(kind);
    EXPECT_GT(client.Call(&Stub::ListFields, fields).fields_size(), 0) << kind;
  }
  const std::vector<std::vector<std::string>> commands = {{"pipelines"},
                                                          {"stages"},
                                                          {"fields", "person"},
                                                          {"records", "list", "deal"},
                                                          {"records", "get", "person", "1"}};
  for (const std::vector<std::string>& words : commands) {
    const CommandResult shown = world.Run(words);
    EXPECT_EQ(shown.exit_code, 0) << words.front() << shown.output;
  }
  ExpectWellBehaved(world.Stats());
}

TEST(Records, MergedPersonsAreOne) {
  World world(Small());
  world.StartService();
  Client client(world);
  v1::MergePersonsRequest merge;
  merge.set_person_id(MakePerson(client, "Ann Double"));
  merge.set_into_person_id(MakePerson(client, "Ann Single"));
  EXPECT_EQ(client.Call(&Stub::MergePersons, merge).person().id(), merge.into_person_id());
  EXPECT_EQ(CodeOfPerson(client, merge.person_id()), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(CodeOfPerson(client, merge.into_person_id()), grpc::StatusCode::OK);
  ExpectWellBehaved(world.Stats());
}

TEST(Records, BulkDeleteEndsWithinItsDeadlineAndSaysWhatRemains) {
  for (const char* version : {"v2", "v1"}) {
    World::Options options = Small();
    options.clock_scale = 1;
    options.api_version = version;
    World world(options);
    world.StartService();
    Client client(world);
    v1::BulkDeleteRequest request;
    request.set_kind(v1::RECORD_KIND_PERSON);
    for (int64_t id = 1; id <= 150; ++id) request.add_ids(id);
    request.add_ids(987654);  // there is none
    v1::BulkDeleteResponse response;
    const auto began = std::chrono::steady_clock::now();
    const grpc::Status status =
        client.Try(&Stub::BulkDelete, request, response, std::chrono::seconds(6));
    ASSERT_TRUE(status.ok()) << version << status.error_message();
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(6));
    EXPECT_EQ(response.deleted_ids_size() + response.remaining_ids_size(), 151);
    EXPECT_GE(response.deleted_ids_size(), 20);
    EXPECT_EQ(std::count(response.remaining_ids().begin(), response.remaining_ids().end(), 987654),
              1);
    EXPECT_EQ(CodeOfPerson(client, response.deleted_ids(0)), grpc::StatusCode::NOT_FOUND);
    ExpectWellBehaved(world.Stats());
  }
}

TEST(Records, RecentChangesWithinTheirMonth) {
  World world(Small());
  world.StartService();
  Client client(world);
  const int64_t person = MakePerson(client, "Ann Recent");
  v1::ListPersonsRequest look;
  look.add_ids(person);
  const auto now = client.Call(&Stub::ListPersons, look).persons(0).update_time();
  v1::ListRecentsRequest request;
  request.mutable_since()->set_seconds(now.seconds() - 60);
  request.add_kinds(v1::RECORD_KIND_PERSON);
  const v1::ListRecentsResponse recent = client.Call(&Stub::ListRecents, request);
  bool found = false;
  for (const v1::RecentChange& change : recent.changes()) found |= change.person().id() == person;
  EXPECT_TRUE(found);
  const std::string since = google::protobuf::util::TimeUtil::ToString(request.since());
  const CommandResult told = world.Run({"recents", "--since", since});
  EXPECT_NE(told.output.find("Ann Recent"), std::string::npos) << told.output;
  EXPECT_EQ(world.Run({"recents", "--since", "2020-01-01"}).exit_code, 1);
  request.mutable_since()->set_seconds(now.seconds() - 40 * 86400);
  v1::ListRecentsResponse refused;
  const grpc::Status status = client.Try(&Stub::ListRecents, request, refused);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_NE(status.error_message().find("one month"), std::string::npos) << status.error_message();
  ExpectWellBehaved(world.Stats());
}

TEST(Records, WebhooksAreMadeShownAndRemoved) {
  World world(Small());
  world.StartService();
  Client client(world);
  const auto list = [&] {
    return client.Call(&Stub::ListWebhooks, v1::ListWebhooksRequest()).webhooks();
  };
  const int before = list().size();
  v1::CreateWebhookRequest create;
  create.set_url("https://hooks.example.com/pipedrive?secret=word");
  create.set_event_action("change");
  create.set_event_object("deal");
  create.set_http_auth_user("user");
  create.set_http_auth_password("pass-word");
  create.set_name("deals");
  const v1::Webhook made = client.Call(&Stub::CreateWebhook, create).webhook();
  EXPECT_GT(made.id(), 0);
  EXPECT_EQ(made.version(), "2.0");
  ASSERT_EQ(list().size(), before + 1);
  for (const v1::Webhook& hook : list()) {
    EXPECT_EQ(hook.url().find("secret"), std::string::npos) << "no query is shown";
    EXPECT_EQ(hook.ShortDebugString().find("pass-word"), std::string::npos);
  }
  v1::CreateWebhookRequest plain = create;
  plain.set_url("http://hooks.example.com/pipedrive");
  v1::CreateWebhookResponse refused;
  EXPECT_EQ(client.Try(&Stub::CreateWebhook, plain, refused).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  v1::DeleteWebhookRequest remove;
  remove.set_webhook_id(made.id());
  client.Call(&Stub::DeleteWebhook, remove);
  EXPECT_EQ(list().size(), before);
  ExpectWellBehaved(world.Stats());
}

}  // namespace
}  // namespace connector::integration
