#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "rpc/run_messages.h"
#include "unit/rpc/server_fixture.h"

namespace connector::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ConnectorServiceTest : public ServerFixture {
 protected:
  using Stream = grpc::ClientReader<v1::SyncPersonsResponse>;

  static v1::SyncPersonsRequest Following(const std::string& id) {
    v1::SyncPersonsRequest request;
    request.set_follow_run_id(id);
    return request;
  }

  std::unique_ptr<Stream> Sync(CallContext& context, const v1::SyncPersonsRequest& request = {}) {
    return stub->SyncPersons(&context, request);
  }

  // The end of a call that is refused before its first message.
  grpc::Status Refusal(const v1::SyncPersonsRequest& request) {
    CallContext context;
    const auto stream = Sync(context, request);
    v1::SyncPersonsResponse response;
    EXPECT_FALSE(stream->Read(&response));
    return stream->Finish();
  }

  const std::unique_ptr<v1::PipedriveConnector::Stub> stub =
      v1::PipedriveConnector::NewStub(Connect());
};

TEST_F(ConnectorServiceTest, SyncPersonsInsertsARunAndAnswersAtOnce) {
  CallContext context;
  v1::SyncPersonsRequest request;
  request.set_mode(v1::SYNC_MODE_FULL);
  request.mutable_filter()->set_filter_id(4);
  const auto stream = Sync(context, request);
  v1::SyncPersonsResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.progress().state(), v1::RUN_STATE_QUEUED);
  EXPECT_EQ(response.progress().connection(), "default");
  EXPECT_FALSE(response.progress().joined_existing());
  EXPECT_FALSE(response.progress().scheduled());
  const auto run = runs.Get("", response.progress().run_id());
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->options, (RunOptions{.mode = RunMode::kFull, .filter_id = 4}));
  context.TryCancel();
}

TEST_F(ConnectorServiceTest, SyncPersonsEndsOkWithTheRunWhateverBecameOfIt) {
  CallContext context;
  const auto stream = Sync(context);
  v1::SyncPersonsResponse response;
  ASSERT_TRUE(stream->Read(&response));
  const std::string id = response.progress().run_id();
  Lease();
  Finish(id, RunState::kFailed, "the key is refused");
  while (stream->Read(&response)) {
  }
  const grpc::Status status = stream->Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.progress().state(), v1::RUN_STATE_FAILED);
  EXPECT_EQ(response.progress().error(), "the key is refused");
}

TEST_F(ConnectorServiceTest, SecondCallJoins) {
  CallContext first_context;
  CallContext second_context;
  v1::SyncPersonsResponse first;
  v1::SyncPersonsResponse second;
  const auto first_stream = Sync(first_context);
  ASSERT_TRUE(first_stream->Read(&first));
  const auto second_stream = Sync(second_context);
  ASSERT_TRUE(second_stream->Read(&second));
  EXPECT_EQ(first.progress().run_id(), second.progress().run_id());
  EXPECT_FALSE(first.progress().joined_existing());
  EXPECT_TRUE(second.progress().joined_existing());
  Lease();
  Finish(first.progress().run_id(), RunState::kSucceeded);
  while (first_stream->Read(&first)) {
  }
  while (second_stream->Read(&second)) {
  }
  EXPECT_TRUE(first_stream->Finish().ok());
  EXPECT_TRUE(second_stream->Finish().ok());
  EXPECT_EQ(first.progress().state(), v1::RUN_STATE_SUCCEEDED);
  EXPECT_TRUE(second.progress().joined_existing());
}

TEST_F(ConnectorServiceTest, DryRunStreamsItsPlan) {
  const std::string id = Submit({.dry_run = true});
  Lease();
  AppendPlan(id, 700);
  Finish(id, RunState::kSucceeded);
  CallContext context;
  const auto stream = Sync(context, Following(id));
  v1::SyncPersonsResponse response;
  std::vector<int64_t> persons;
  while (stream->Read(&response)) {
    for (const auto& change : response.planned_changes()) persons.push_back(change.person_id());
  }
  EXPECT_TRUE(stream->Finish().ok());
  ASSERT_EQ(persons.size(), 700u);
  for (size_t i = 0; i < persons.size(); ++i) EXPECT_EQ(persons[i], static_cast<int64_t>(i) + 1);
  EXPECT_TRUE(response.progress().has_planned_cost());
  EXPECT_TRUE(response.progress().joined_existing());
}

// Time stands still: whoever waits goes on only when it is told to.
class StandingClock : public ManualClock {
 public:
  void WaitFor(std::condition_variable& cv, std::unique_lock<std::mutex>& lock, Duration) override {
    cv.wait_for(lock, 2 * kPatience);
  }
};

TEST_F(ConnectorServiceTest, APlanGoesOutAsFastAsItIsReadAndNotAsTheHubLooks) {
  constexpr int kChanges = 3210;
  StandingClock standing;
  server = *MakeServer({.listen = "127.0.0.1:0"}, PartsOn(standing));
  const auto own = v1::PipedriveConnector::NewStub(Connect());
  const std::string id = Submit({.dry_run = true});
  Lease();
  AppendPlan(id, kChanges);
  Finish(id, RunState::kSucceeded);
  CallContext context;
  const auto stream = own->SyncPersons(&context, Following(id));
  v1::SyncPersonsResponse response;
  int told = 0;
  while (stream->Read(&response)) told += response.planned_changes_size();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(told, kChanges);
  server.reset();  // before its clock
}

TEST_F(ConnectorServiceTest, FollowingAnUnknownRunIsNotFound) {
  EXPECT_EQ(Refusal(Following("nope")).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(ConnectorServiceTest, FollowingARunOfAnotherKindIsNotFound) {
  const auto deals = runs.Submit("", RunKind::kDeals, {});
  ASSERT_TRUE(deals.ok()) << deals.status();
  const grpc::Status status = Refusal(Following(deals->run.id));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("deals"));
}

TEST_F(ConnectorServiceTest, FollowingStandsAlone) {
  const std::string id = Submit();
  std::vector<v1::SyncPersonsRequest> requests(4, Following(id));
  requests[0].set_mode(v1::SYNC_MODE_FULL);
  requests[1].set_dry_run(true);
  requests[2].mutable_filter();
  requests[3].set_stop_after_failures(1);
  for (const auto& request : requests) {
    const grpc::Status status = Refusal(request);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr("follow_run_id"));
  }
}

TEST_F(ConnectorServiceTest, WrongRequestsLeaveNoRun) {
  v1::SyncPersonsRequest wrong;
  wrong.set_stop_after_failures(-1);
  EXPECT_EQ(Refusal(wrong).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  v1::SyncPersonsRequest foreign;
  foreign.set_connection("elsewhere");
  const grpc::Status status = Refusal(foreign);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("default"));
  const auto all = runs.List("", 10);
  ASSERT_TRUE(all.ok());
  EXPECT_THAT(*all, IsEmpty());
}

TEST_F(ConnectorServiceTest, ClientThatGoesAwayLeavesTheRun) {
  CallContext context;
  const auto stream = Sync(context);
  v1::SyncPersonsResponse response;
  ASSERT_TRUE(stream->Read(&response));
  context.TryCancel();
  while (stream->Read(&response)) {
  }
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  const auto run = runs.Get("", response.progress().run_id());
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->state, RunState::kQueued);
  EXPECT_FALSE(run->cancel_requested);
  CallContext again;
  const auto second = Sync(again, Following(response.progress().run_id()));
  EXPECT_TRUE(second->Read(&response));
  again.TryCancel();
}

TEST_F(ConnectorServiceTest, SyncDealsInsertsARunOfItsOwnKind) {
  const std::string persons = Submit();
  CallContext context;
  v1::SyncDealsRequest request;
  request.set_mode(v1::SYNC_MODE_FULL);
  request.mutable_filter()->mutable_record_ids()->add_ids("7");
  request.mutable_filter()->mutable_record_ids()->add_ids("9");
  const auto stream = stub->SyncDeals(&context, request);
  v1::SyncDealsResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.progress().kind(), v1::RUN_KIND_DEALS);
  EXPECT_FALSE(response.progress().joined_existing());
  const auto run = runs.Get("", response.progress().run_id());
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_NE(run->id, persons);
  EXPECT_EQ(run->options, (RunOptions{.mode = RunMode::kFull, .ids = {7, 9}}));
  context.TryCancel();
}

TEST_F(ConnectorServiceTest, SyncDealsNamesTheFieldThatCannotBeMeant) {
  struct Row {
    std::function<void(v1::SyncDealsRequest&)> fill;
    const char* field;
  };
  const Row rows[] = {
      {[](auto& r) { r.set_mode(static_cast<v1::SyncMode>(9)); }, "mode"},
      {[](auto& r) { r.set_stop_after_failures(-1); }, "stop_after_failures"},
      {[](auto& r) { r.mutable_filter()->set_filter_id(0); }, "filter.filter_id"},
      {[](auto& r) { r.mutable_filter()->mutable_record_ids(); }, "filter.record_ids"},
      {[](auto& r) { r.mutable_filter()->mutable_record_ids()->add_ids("x"); },
       "filter.record_ids"},
      {[](auto& r) { r.mutable_filter()->mutable_record_ids()->add_ids("-4"); },
       "filter.record_ids"},
      {[](auto& r) { r.set_follow_run_id("r"), r.set_dry_run(true); }, "follow_run_id"},
  };
  for (const Row& row : rows) {
    v1::SyncDealsRequest request;
    row.fill(request);
    CallContext context;
    const auto stream = stub->SyncDeals(&context, request);
    v1::SyncDealsResponse response;
    EXPECT_FALSE(stream->Read(&response)) << row.field;
    const grpc::Status status = stream->Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << row.field;
    EXPECT_THAT(status.error_message(), HasSubstr(row.field));
  }
}

TEST_F(ConnectorServiceTest, LeadsAreNamedByTheirUuids) {
  const std::string id = "adf21080-0e10-11eb-879b-05d71fb426ec";
  v1::SyncLeadsRequest request;
  request.mutable_filter()->mutable_record_ids()->add_ids(id);
  const auto options = ToRunOptions(request);
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->names, std::vector<std::string>{id});
  EXPECT_TRUE(options->filtered());
  for (const char* wrong : {"7", "", "adf21080-0e10-11eb-879b-05d71fb426eg"}) {
    v1::SyncLeadsRequest bad;
    bad.mutable_filter()->mutable_record_ids()->add_ids(wrong);
    EXPECT_THAT(ToRunOptions(bad).status().message(), HasSubstr("filter.record_ids")) << wrong;
  }
}

TEST_F(ConnectorServiceTest, WhatIsSwitchedOffNamesTheSetting) {
  CallContext context;
  const auto stream = stub->SyncLeads(&context, v1::SyncLeadsRequest());
  v1::SyncLeadsResponse response;
  EXPECT_FALSE(stream->Read(&response));
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("connectors.pipedrive.sync.leads"));
}

TEST_F(ConnectorServiceTest, MapDealStageNamesTheFieldThatCannotBeMeant) {
  struct Row {
    std::function<void(v1::MapDealStageRequest&)> fill;
    const char* field;
  };
  const Row rows[] = {
      {[](auto&) {}, "target"},
      {[](auto& r) { r.set_deal_id(0); }, "deal_id"},
      {[](auto& r) { r.mutable_what_if()->set_stage_id(1); }, "what_if.person_id"},
      {[](auto& r) { r.mutable_what_if()->set_person_id(1); }, "what_if: name stage_id or status"},
      {[](auto& r) {
         r.mutable_what_if()->set_person_id(1);
         r.mutable_what_if()->set_stage_id(-1);
       },
       "what_if.stage_id"},
      {[](auto& r) {
         r.mutable_what_if()->set_person_id(1);
         r.mutable_what_if()->set_status(v1::DEAL_STATUS_OPEN);
       },
       "what_if.status"},
  };
  for (const Row& row : rows) {
    v1::MapDealStageRequest request;
    row.fill(request);
    CallContext context;
    v1::MapDealStageResponse response;
    const grpc::Status status = stub->MapDealStage(&context, request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << row.field;
    EXPECT_THAT(status.error_message(), HasSubstr(row.field));
  }
}

TEST_F(ConnectorServiceTest, MapDealStageAnswersFromAThreadOfThePool) {
  AccountSchema schema;
  schema.pipelines = {{1, "Sales", 1}};
  schema.stages = {{3, "Offer", 1, 1, {}}};
  ASSERT_TRUE(storage->PutSchema("default", schema, clock.Now()).ok());
  v1::MapDealStageRequest request;
  request.mutable_what_if()->set_person_id(7);
  request.mutable_what_if()->set_stage_id(3);
  CallContext context;
  v1::MapDealStageResponse response;
  const grpc::Status status = stub->MapDealStage(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.person_id(), 7);
  EXPECT_FALSE(response.applied());
  ASSERT_EQ(response.warnings_size(), 2);
  EXPECT_EQ(response.warnings(0), "no list is mapped to stage 3 (Offer)");
  EXPECT_THAT(response.warnings(1), HasSubstr("person 7 is not known yet"));
}

}  // namespace
}  // namespace connector::rpc
