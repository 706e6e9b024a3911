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
  arguments_.verb = Verb::kSearch;
  arguments_.term = "acme";
  EXPECT_EQ(Run(), 1);
  EXPECT_THAT(err_.str(), HasSubstr("UNIMPLEMENTED"));
  EXPECT_THAT(err_.str(), HasSubstr("can't do this yet"));
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
