// The client verbs against a server in the same process, without a socket.

#include "cli/call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <sstream>
#include <thread>

#include "pipedrive_connector/v1/operations.grpc.pb.h"
#include "pipedrive_connector/v1/service.grpc.pb.h"

namespace connector::cli {
namespace {

namespace v1 = ::pipedrive_connector::v1;
using testing::HasSubstr;

// Streams what a test put there and keeps the last request.
class FakeConnector : public v1::PipedriveConnector::Service {
 public:
  grpc::Status SyncPersons(grpc::ServerContext* context, const v1::SyncPersonsRequest* request,
                           grpc::ServerWriter<v1::SyncPersonsResponse>* writer) override {
    last_request = *request;
    for (const v1::SyncPersonsResponse& response : responses) writer->Write(response);
    while (hold && !context->IsCancelled()) std::this_thread::yield();
    return status;
  }

  // As many items as asked for, and one page more.
  grpc::Status SearchItems(grpc::ServerContext*, const v1::SearchItemsRequest* request,
                           v1::SearchItemsResponse* response) override {
    searches.push_back(*request);
    if (found.id().empty()) return grpc::Status::OK;
    for (int i = 0; i < request->page_size(); ++i) *response->add_items() = found;
    if (request->page_token().empty()) response->set_next_page_token("more");
    return grpc::Status::OK;
  }

  grpc::Status MapDealStage(grpc::ServerContext*, const v1::MapDealStageRequest* request,
                            v1::MapDealStageResponse* response) override {
    mapped = *request;
    *response = stage;
    return grpc::Status::OK;
  }

  v1::MapDealStageRequest mapped;
  v1::MapDealStageResponse stage;
  std::vector<v1::SearchItemsRequest> searches;
  v1::SearchItem found;
  std::vector<v1::SyncPersonsResponse> responses;
  grpc::Status status;
  bool hold = false;  // keeps the stream open until the client leaves
  v1::SyncPersonsRequest last_request;
};

class FakeOperations : public v1::Operations::Service {
 public:
  grpc::Status ListRuns(grpc::ServerContext*, const v1::ListRunsRequest* request,
                        v1::ListRunsResponse* response) override {
    page_tokens.push_back(request->page_token());
    v1::RunProgress* run = response->add_runs();
    run->set_run_id(request->page_token().empty() ? "r2" : "r1");
    run->set_kind(v1::RUN_KIND_PERSONS);
    run->set_state(v1::RUN_STATE_SUCCEEDED);
    if (request->page_token().empty()) response->set_next_page_token("more");
    return grpc::Status::OK;
  }
  grpc::Status CancelRun(grpc::ServerContext*, const v1::CancelRunRequest* request,
                         v1::CancelRunResponse* response) override {
    response->mutable_progress()->set_run_id(request->run_id());
    response->mutable_progress()->set_state(v1::RUN_STATE_RUNNING);
    return grpc::Status::OK;
  }
  grpc::Status ListFailures(grpc::ServerContext*, const v1::ListFailuresRequest*,
                            v1::ListFailuresResponse*) override {
    return grpc::Status::OK;
  }

  std::vector<std::string> page_tokens;
};

class CallTest : public testing::Test {
 protected:
  CallTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&connector_);
    builder.RegisterService(&operations_);
    server_ = builder.BuildAndStart();
    arguments_.verb = Verb::kSyncPersons;
  }

  v1::RunProgress& AddProgress(v1::RunState state) {
    v1::RunProgress& progress = *connector_.responses.emplace_back().mutable_progress();
    progress.set_run_id("r1");
    progress.set_kind(v1::RUN_KIND_PERSONS);
    progress.set_state(state);
    return progress;
  }

  int Run() {
    const SystemClock clock;
    Terminal terminal{out_, err_};
    return RunCall({arguments_, server_->InProcessChannel({}), clock, terminal});
  }

  FakeConnector connector_;
  FakeOperations operations_;
  std::unique_ptr<grpc::Server> server_;
  Arguments arguments_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(CallTest, ASyncThatSucceedsEndsWithItsSummary) {
  AddProgress(v1::RUN_STATE_RUNNING).set_phase(v1::RUN_PHASE_CONVERGE);
  AddProgress(v1::RUN_STATE_SUCCEEDED).set_read(7);
  EXPECT_EQ(Run(), 0);
  EXPECT_THAT(out_.str(), HasSubstr("Run r1 (persons, unspecified): succeeded"));
  EXPECT_THAT(err_.str(), HasSubstr("writing: 0 read"));
  EXPECT_THAT(err_.str(), testing::Not(HasSubstr("\x1b")));
}

TEST_F(CallTest, AFailedRunIsNoSuccess) {
  AddProgress(v1::RUN_STATE_FAILED).set_error("the token is refused");
  EXPECT_EQ(Run(), 1);
  EXPECT_THAT(out_.str(), HasSubstr("error: the token is refused"));
}

TEST_F(CallTest, OptionsReachTheServer) {
  AddProgress(v1::RUN_STATE_SUCCEEDED);
  arguments_.full = true;
  arguments_.dry_run = true;
  arguments_.ids = {3, 4};
  arguments_.connection = "eu";
  EXPECT_EQ(Run(), 0);
  const v1::SyncPersonsRequest& request = connector_.last_request;
  EXPECT_EQ(request.mode(), v1::SYNC_MODE_FULL);
  EXPECT_TRUE(request.dry_run());
  EXPECT_EQ(request.filter().person_ids().ids_size(), 2);
  EXPECT_EQ(request.connection(), "eu");
}

TEST_F(CallTest, JsonIsOneObjectALineAndNothingElse) {
  AddProgress(v1::RUN_STATE_RUNNING);
  AddProgress(v1::RUN_STATE_SUCCEEDED);
  arguments_.json = true;
  EXPECT_EQ(Run(), 0);
  const std::string text = out_.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_THAT(text, HasSubstr("\"state\":\"RUN_STATE_SUCCEEDED\""));
  EXPECT_THAT(text, HasSubstr("\"run_id\":\"r1\""));
  EXPECT_EQ(err_.str(), "");
}

TEST_F(CallTest, ADetachedSyncSaysHowToReturn) {
  AddProgress(v1::RUN_STATE_RUNNING);
  connector_.hold = true;
  arguments_.detach = true;
  EXPECT_EQ(Run(), 0);
  EXPECT_THAT(err_.str(), HasSubstr("pipedrive-connector runs watch r1\n"));
  EXPECT_THAT(err_.str(), HasSubstr("pipedrive-connector runs cancel r1\n"));
}

TEST_F(CallTest, CtrlCDetaches) {
  AddProgress(v1::RUN_STATE_RUNNING);
  connector_.hold = true;
  arguments_.address = "db:1";
  // The handler is in place before the call begins, and the first message before the signal.
  std::ostringstream* err = &err_;
  class SignalOnFirstLine : public std::stringbuf {
    int sync() override {
      if (!sent_) raise(SIGINT);
      sent_ = true;
      return 0;
    }
    bool sent_ = false;
  } buffer;
  err->std::ios::rdbuf(&buffer);
  EXPECT_EQ(Run(), 130);
  EXPECT_THAT(buffer.str(), HasSubstr("run r1 goes on without this terminal"));
  EXPECT_THAT(buffer.str(), HasSubstr("runs watch r1 --address db:1"));
}

TEST_F(CallTest, AnErrorNamesItsCodeAndRemedy) {
  connector_.status = grpc::Status(grpc::StatusCode::UNAVAILABLE, "going down");
  EXPECT_EQ(Run(), 1);
  EXPECT_THAT(err_.str(), HasSubstr("error: UNAVAILABLE: going down"));
  EXPECT_THAT(err_.str(), HasSubstr("--address"));
}

TEST_F(CallTest, WhatTheServerCannotDoYetIsSaid) {
  arguments_.verb = Verb::kReportPipeline;
  EXPECT_EQ(Run(), 1);
  EXPECT_THAT(err_.str(), HasSubstr("UNIMPLEMENTED"));
  EXPECT_THAT(err_.str(), HasSubstr("can't do this yet"));
}

void AddReason(google::protobuf::RepeatedPtrField<v1::ListReason>& reasons, int64_t list,
               const char* name, const char* why) {
  v1::ListReason& reason = *reasons.Add();
  reason.set_list_id(list);
  reason.set_name(name);
  reason.set_reason(why);
}

TEST_F(CallTest, MapStageSaysWhatBecameOfEveryList) {
  arguments_.verb = Verb::kMapStage;
  arguments_.id = 7;
  v1::MapDealStageResponse& answer = connector_.stage;
  answer.set_person_id(2);
  answer.set_email("ann@x.example");
  answer.set_applied(true);
  AddReason(*answer.mutable_lists_joined(), 62, "stage 3", "deal 7 is in stage 3");
  AddReason(*answer.mutable_lists_left(), 61, "stage 1", "nothing is a reason\x1b[31m");
  EXPECT_EQ(Run(), 0);
  EXPECT_EQ(out_.str(),
            "deal 7, person 2, ann@x.example: written\n"
            "CHANGE  LIST  FOR      REASON\n"
            "joined    62  stage 3  deal 7 is in stage 3\n"
            "left      61  stage 1  nothing is a reason [31m\n");
  EXPECT_EQ(connector_.mapped.deal_id(), 7);
  out_.str("");
  answer.set_applied(false);
  arguments_.dry_run = true;
  EXPECT_EQ(Run(), 0);
  EXPECT_TRUE(connector_.mapped.dry_run());
  EXPECT_THAT(out_.str(), HasSubstr("nothing is written in a dry run\n"));
  EXPECT_THAT(out_.str(), HasSubstr("would join     62"));
  arguments_.json = true;
  EXPECT_EQ(Run(), 0);
  EXPECT_THAT(out_.str(), HasSubstr("\"list_id\":\"62\""));
}

TEST_F(CallTest, MapStageWithoutAContactSaysWhy) {
  arguments_.verb = Verb::kMapStage;
  arguments_.id = 7;
  connector_.stage.set_person_id(2);
  connector_.stage.add_warnings("deal 7 has no person");
  EXPECT_EQ(Run(), 0);
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(err_.str(), "warning: deal 7 has no person\n");
}

TEST_F(CallTest, SearchIsATable) {
  arguments_.verb = Verb::kSearch;
  arguments_.term = "acme";
  arguments_.item_types = {"person", "mail_attachment"};
  arguments_.fields = {"name"};
  arguments_.exact = true;
  arguments_.connection = "eu";
  arguments_.limit = 1;
  v1::SearchItem& found = connector_.found;
  found.set_score(0.625);
  found.set_type(v1::SEARCH_ITEM_TYPE_PERSON);
  found.set_id("6");
  found.set_title("Ann\x1b[31m Lee");
  found.mutable_person()->add_emails("ann@x.example");
  found.mutable_person()->set_organization_name("Acme");
  EXPECT_EQ(Run(), 0);
  EXPECT_EQ(out_.str(),
            "TYPE    ID  TITLE         DETAILS              SCORE\n"
            "person   6  Ann [31m Lee  ann@x.example, Acme   0.62\n");
  ASSERT_EQ(connector_.searches.size(), 1u);
  const v1::SearchItemsRequest& request = connector_.searches[0];
  EXPECT_EQ(request.connection(), "eu");
  EXPECT_EQ(request.term(), "acme");
  EXPECT_THAT(request.item_types(), testing::ElementsAre(v1::SEARCH_ITEM_TYPE_PERSON,
                                                         v1::SEARCH_ITEM_TYPE_MAIL_ATTACHMENT));
  EXPECT_THAT(request.fields(), testing::ElementsAre("name"));
  EXPECT_TRUE(request.exact_match());
}

TEST_F(CallTest, SearchDetailsTellItemsApart) {
  arguments_.verb = Verb::kSearch;
  arguments_.limit = 1;
  v1::SearchItem& found = connector_.found;
  found.set_id("1");
  found.mutable_deal()->set_status(v1::DEAL_STATUS_WON);
  found.mutable_deal()->mutable_value()->set_amount("12.50");
  found.mutable_deal()->mutable_value()->set_currency("EUR");
  found.mutable_deal()->set_stage_name("Demo");
  EXPECT_EQ(Run(), 0);
  EXPECT_THAT(out_.str(), HasSubstr("won, 12.50 EUR, Demo"));
  EXPECT_THAT(out_.str(), HasSubstr("other"));
  found.mutable_lead()->set_is_archived(true);
  EXPECT_EQ(Run(), 0);
  EXPECT_THAT(out_.str(), HasSubstr("archived"));
  found.mutable_organization()->set_address("Dabas");
  EXPECT_EQ(Run(), 0);
  EXPECT_THAT(out_.str(), HasSubstr("Dabas"));
}

TEST_F(CallTest, SearchReadsPagesOfOneSizeUpToItsLimit) {
  arguments_.verb = Verb::kSearch;
  arguments_.json = true;
  arguments_.limit = 130;
  connector_.found.set_id("1");
  EXPECT_EQ(Run(), 0);
  ASSERT_EQ(connector_.searches.size(), 2u);
  EXPECT_EQ(connector_.searches[0].page_size(), 100);
  EXPECT_EQ(connector_.searches[1].page_size(), 100) << "a token belongs to one page size";
  EXPECT_EQ(connector_.searches[1].page_token(), "more");
  const std::string text = out_.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 130);
  EXPECT_EQ(text.find("{\"score\":"), 0u);
}

TEST_F(CallTest, ASearchWithoutResultSaysSo) {
  arguments_.verb = Verb::kSearch;
  EXPECT_EQ(Run(), 0);
  EXPECT_EQ(out_.str(), "nothing found\n");
}

TEST_F(CallTest, RunsListReadsAllPages) {
  arguments_.verb = Verb::kRunsList;
  EXPECT_EQ(Run(), 0);
  EXPECT_THAT(operations_.page_tokens, testing::ElementsAre("", "more"));
  EXPECT_THAT(out_.str(), HasSubstr("RUN  KIND"));
  EXPECT_THAT(out_.str(), HasSubstr("r1"));
}

TEST_F(CallTest, RunsListStopsAtItsLimit) {
  arguments_.verb = Verb::kRunsList;
  arguments_.limit = 1;
  EXPECT_EQ(Run(), 0);
  EXPECT_THAT(operations_.page_tokens, testing::ElementsAre(""));
}

TEST_F(CallTest, CancelSaysWhenTheRunEnds) {
  arguments_.verb = Verb::kRunsCancel;
  arguments_.run_id = "r1";
  EXPECT_EQ(Run(), 0);
  EXPECT_EQ(out_.str(), "run r1 ends after the page it is at\n");
}

TEST_F(CallTest, NoFailuresIsSaid) {
  arguments_.verb = Verb::kFailuresList;
  EXPECT_EQ(Run(), 0);
  EXPECT_EQ(out_.str(), "no failures\n");
}

}  // namespace
}  // namespace connector::cli
