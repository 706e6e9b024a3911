#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/rpc/server_fixture.h"

namespace connector::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class OperationsServiceTest : public ServerFixture {
 protected:
  grpc::Status List(const v1::ListRunsRequest& request, v1::ListRunsResponse& response) {
    CallContext context;
    response.Clear();
    return stub->ListRuns(&context, request, &response);
  }

  grpc::Status List(const v1::ListFailuresRequest& request, v1::ListFailuresResponse& response) {
    CallContext context;
    response.Clear();
    return stub->ListFailures(&context, request, &response);
  }

  // Reads all pages; the last one, and only that, must name no next.
  std::vector<std::string> FailedRecords(v1::ListFailuresRequest request) {
    std::vector<std::string> failed;
    v1::ListFailuresResponse page;
    do {
      EXPECT_TRUE(List(request, page).ok());
      EXPECT_GT(page.failures_size(), 0);
      for (const auto& failure : page.failures()) failed.push_back(failure.record_id());
      request.set_page_token(page.next_page_token());
    } while (!page.next_page_token().empty() && failed.size() < 1000);
    return failed;
  }

  void Fail(const std::string& run, std::string record, FailureReason reason) {
    Failure failure;
    failure.run_id = run;
    failure.entity = "person";
    failure.entity_id = std::move(record);
    failure.reason = reason;
    failure.created_at = clock.Now();
    EXPECT_TRUE(storage->RecordFailures("default", {failure}).ok());
    clock.Advance(std::chrono::milliseconds(400));
  }

  const std::unique_ptr<v1::Operations::Stub> stub = v1::Operations::NewStub(Connect());
};

TEST_F(OperationsServiceTest, ListRunsPagesNewestFirst) {
  std::vector<std::string> expected;
  for (int i = 0; i < 5; ++i) expected.insert(expected.begin(), PastRun(RunState::kSucceeded));
  for (const int size : {1, 2, 5, 50}) {
    v1::ListRunsRequest request;
    request.set_page_size(size);
    v1::ListRunsResponse page;
    std::vector<std::string> ids;
    int pages = 0;
    do {
      ASSERT_TRUE(List(request, page).ok());
      EXPECT_LE(page.runs_size(), size);
      for (const auto& run : page.runs()) ids.push_back(run.run_id());
      request.set_page_token(page.next_page_token());
      ++pages;
    } while (!page.next_page_token().empty());
    EXPECT_EQ(ids, expected) << size;
    EXPECT_EQ(pages, (4 + size) / size) << size;
  }
}

TEST_F(OperationsServiceTest, ListRunsFilters) {
  const std::string good = PastRun(RunState::kSucceeded);
  const std::string bad = PastRun(RunState::kFailed);
  const std::string good2 = PastRun(RunState::kSucceeded);
  v1::ListRunsRequest request;
  v1::ListRunsResponse response;
  request.add_states(v1::RUN_STATE_SUCCEEDED);
  request.set_page_size(1);
  ASSERT_TRUE(List(request, response).ok());
  ASSERT_EQ(response.runs_size(), 1);
  EXPECT_EQ(response.runs(0).run_id(), good2);
  request.set_page_token(response.next_page_token());
  ASSERT_TRUE(List(request, response).ok());
  ASSERT_EQ(response.runs_size(), 1);
  EXPECT_EQ(response.runs(0).run_id(), good);
  EXPECT_EQ(response.next_page_token(), "");
  request.clear_page_token();
  request.add_kinds(v1::RUN_KIND_DEALS);
  ASSERT_TRUE(List(request, response).ok());
  EXPECT_EQ(response.runs_size(), 0);
  request.clear_states();
  request.set_kinds(0, v1::RUN_KIND_PERSONS);
  request.set_page_size(0);
  ASSERT_TRUE(List(request, response).ok());
  EXPECT_EQ(response.runs_size(), 3);
}

TEST_F(OperationsServiceTest, WrongPagesAreRefusedByName) {
  v1::ListRunsResponse runs_page;
  v1::ListFailuresResponse failures_page;
  for (const char* token : {"x", "-1", "1x"}) {
    v1::ListRunsRequest list;
    list.set_page_token(token);
    EXPECT_EQ(List(list, runs_page).error_code(), grpc::StatusCode::INVALID_ARGUMENT) << token;
    v1::ListFailuresRequest failures;
    failures.set_page_token(token);
    const grpc::Status status = List(failures, failures_page);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << token;
    EXPECT_THAT(status.error_message(), HasSubstr("page_token"));
  }
  v1::ListRunsRequest list;
  list.set_page_size(-1);
  const grpc::Status status = List(list, runs_page);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("page_size"));
}

TEST_F(OperationsServiceTest, GetRun) {
  const std::string id = Submit();
  CallContext context;
  v1::GetRunRequest request;
  v1::GetRunResponse response;
  request.set_run_id(id);
  ASSERT_TRUE(stub->GetRun(&context, request, &response).ok());
  EXPECT_EQ(response.progress().run_id(), id);
  EXPECT_EQ(response.progress().state(), v1::RUN_STATE_QUEUED);
  CallContext second;
  request.set_run_id("nope");
  EXPECT_EQ(stub->GetRun(&second, request, &response).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(OperationsServiceTest, WatchRunFollowsToTheEnd) {
  const std::string id = Submit();
  CallContext context;
  v1::WatchRunRequest request;
  request.set_run_id(id);
  const auto stream = stub->WatchRun(&context, request);
  v1::WatchRunResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.progress().state(), v1::RUN_STATE_QUEUED);
  Lease();
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.progress().state(), v1::RUN_STATE_RUNNING);
  Finish(id, RunState::kCancelled);
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.progress().state(), v1::RUN_STATE_CANCELLED);
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(OperationsServiceTest, WatchOfAnUnknownRunIsNotFound) {
  CallContext context;
  v1::WatchRunRequest request;
  request.set_run_id("nope");
  const auto stream = stub->WatchRun(&context, request);
  v1::WatchRunResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(OperationsServiceTest, CancelRunStoresTheWish) {
  const std::string id = Submit();
  Lease();
  v1::CancelRunRequest request;
  v1::CancelRunResponse response;
  request.set_run_id(id);
  for (int i = 0; i < 2; ++i) {  // twice is harmless
    CallContext context;
    ASSERT_TRUE(stub->CancelRun(&context, request, &response).ok());
    EXPECT_EQ(response.progress().state(), v1::RUN_STATE_RUNNING);
  }
  EXPECT_TRUE(runs.Get("", id)->cancel_requested);
  Finish(id, RunState::kSucceeded);
  CallContext late;
  ASSERT_TRUE(stub->CancelRun(&late, request, &response).ok());
  EXPECT_EQ(response.progress().state(), v1::RUN_STATE_SUCCEEDED);
  CallContext unknown;
  request.set_run_id("nope");
  EXPECT_EQ(stub->CancelRun(&unknown, request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(OperationsServiceTest, ListFailuresPagesNewestFirst) {
  for (int i = 1; i <= 4; ++i) Fail("r", std::to_string(i), FailureReason::kInternal);
  for (const int size : {1, 2, 3, 4, 50}) {
    v1::ListFailuresRequest request;
    request.set_page_size(size);
    EXPECT_THAT(FailedRecords(request), ElementsAre("4", "3", "2", "1")) << size;
  }
}

TEST_F(OperationsServiceTest, ListFailuresFilters) {
  Fail("r1", "1", FailureReason::kInvalidPhone);
  const Time middle = clock.Now();
  Fail("r1", "2", FailureReason::kInternal);
  Fail("r2", "3", FailureReason::kInternal);
  Fail("r2", "4", FailureReason::kInvalidPhone);
  v1::ListFailuresRequest request;
  request.set_page_size(1);  // what is filtered out must not end or empty a page
  request.mutable_filter()->add_reasons(v1::FAILURE_REASON_INTERNAL);
  EXPECT_THAT(FailedRecords(request), ElementsAre("3", "2"));
  request.mutable_filter()->set_run_id("r1");
  EXPECT_THAT(FailedRecords(request), ElementsAre("2"));
  request.clear_filter();
  request.mutable_filter()->set_record_id("1");
  EXPECT_THAT(FailedRecords(request), ElementsAre("1"));
  v1::ListFailuresResponse first;
  ASSERT_TRUE(List(request, first).ok());
  request.clear_filter();
  request.mutable_filter()->add_failure_ids(first.failures(0).failure_id());
  EXPECT_THAT(FailedRecords(request), ElementsAre("1"));
  // Within one second of each other: the moment counts, not its second.
  request.clear_filter();
  auto& since = *request.mutable_filter()->mutable_since();
  const int64_t micros = middle.time_since_epoch().count();
  since.set_seconds(micros / 1'000'000);
  since.set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1000));
  EXPECT_THAT(FailedRecords(request), ElementsAre("4", "3", "2"));
  request.clear_filter();
  request.mutable_filter()->add_kinds(v1::RECORD_KIND_DEAL);
  ASSERT_TRUE(List(request, first).ok());
  EXPECT_EQ(first.failures_size(), 0);
  EXPECT_EQ(first.next_page_token(), "");
}

TEST_F(OperationsServiceTest, RetryFailuresTakesUpWhatTheFilterNames) {
  const auto fail = [](std::string entity, std::string id, FailureReason reason) {
    Failure failure;
    failure.entity = std::move(entity);
    failure.entity_id = std::move(id);
    failure.reason = reason;
    return failure;
  };
  ASSERT_TRUE(storage
                  ->RecordFailures("default", {fail("person", "1", FailureReason::kInvalidPhone),
                                               fail("person", "2", FailureReason::kInternal),
                                               fail("deal", "2", FailureReason::kInternal),
                                               fail("person", "2", FailureReason::kInternal)})
                  .ok());
  const auto retry = [this](const v1::RetryFailuresRequest& request) {
    CallContext context;
    v1::RetryFailuresResponse response;
    const grpc::Status status = stub->RetryFailures(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.retried();
  };
  v1::RetryFailuresRequest request;
  request.mutable_filter()->add_kinds(v1::RECORD_KIND_DEAL);
  EXPECT_EQ(retry(request), 1);
  request.clear_filter();
  request.mutable_filter()->set_record_id("2");
  EXPECT_EQ(retry(request), 1) << "one record, though it failed twice";
  EXPECT_EQ(retry({}), 1);
  EXPECT_EQ(retry({}), 0);
  EXPECT_EQ(storage->GetQueueDepth("default")->inbox_events, 3);
  CallContext context;
  v1::RetryFailuresResponse response;
  request.set_connection("nope");
  EXPECT_EQ(stub->RetryFailures(&context, request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace connector::rpc
