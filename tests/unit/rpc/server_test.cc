#include "rpc/server.h"

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <thread>

#include "unit/rpc/server_fixture.h"

namespace connector::rpc {
namespace {

using ::testing::HasSubstr;

// Health and reflection have no generated code here: their messages are given as bytes.
grpc::ByteBuffer Bytes(const std::string& text) {
  const grpc::Slice slice(text);
  return {&slice, 1};
}

std::string Text(const grpc::ByteBuffer& bytes) {
  grpc::Slice slice;
  if (!bytes.DumpToSingleSlice(&slice).ok()) return "";
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

class ServerTest : public ServerFixture {
 protected:
  // Waits for the operation under way; false if it failed.
  static bool Await(grpc::CompletionQueue& queue) {
    void* tag = nullptr;
    bool ok = false;
    const auto deadline = std::chrono::system_clock::now() + kPatience;
    return queue.AsyncNext(&tag, &ok, deadline) == grpc::CompletionQueue::GOT_EVENT && ok;
  }

  // The answer to a health check, as bytes.
  std::pair<grpc::Status, std::string> CheckHealth(const std::string& service) const {
    grpc::GenericStub stub(Connect());
    CallContext context;
    grpc::CompletionQueue queue;
    const std::string request =  // service: its only field, a text shorter than 128 bytes
        service.empty() ? "" : "\x0a" + std::string(1, static_cast<char>(service.size())) + service;
    const auto call =
        stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", Bytes(request), &queue);
    grpc::ByteBuffer response;
    grpc::Status status;
    call->StartCall();
    call->Finish(&response, &status, nullptr);
    EXPECT_TRUE(Await(queue));
    return {status, status.ok() ? Text(response) : ""};
  }

  v1::SyncPersonsRequest Following(const std::string& id) const {
    v1::SyncPersonsRequest request;
    request.set_follow_run_id(id);
    return request;
  }
};

TEST_F(ServerTest, HealthIsServing) {
  for (const std::string service :
       {"", "pipedrive_connector.v1.PipedriveConnector", "pipedrive_connector.v1.Operations",
        "pipedrive_connector.v1.PipedriveRecords"}) {
    const auto [status, response] = CheckHealth(service);
    EXPECT_TRUE(status.ok()) << service << ": " << status.error_message();
    EXPECT_EQ(response, "\x08\x01") << service;  // status: SERVING
  }
  EXPECT_EQ(CheckHealth("nobody").first.error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(ServerTest, ReflectionListsTheServices) {
  grpc::GenericStub stub(Connect());
  CallContext context;
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareCall(
      &context, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
  call->StartCall(nullptr);
  ASSERT_TRUE(Await(queue));
  call->Write(Bytes("\x3a\x01*"), nullptr);  // list_services: "*"
  ASSERT_TRUE(Await(queue));
  grpc::ByteBuffer response;
  call->Read(&response, nullptr);
  ASSERT_TRUE(Await(queue));
  for (const char* service :
       {"pipedrive_connector.v1.PipedriveConnector", "pipedrive_connector.v1.Operations",
        "pipedrive_connector.v1.PipedriveRecords", "grpc.health.v1.Health"}) {
    EXPECT_THAT(Text(response), HasSubstr(service));
  }
  call->WritesDone(nullptr);
  ASSERT_TRUE(Await(queue));
  grpc::Status status;
  call->Finish(&status, nullptr);
  ASSERT_TRUE(Await(queue));
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST_F(ServerTest, TakenPortIsToldWithTheAddress) {
  const std::string taken = absl::StrCat("127.0.0.1:", server->port());
  for (const std::string& listen : {taken, std::string("localhost:no port")}) {
    const auto second = MakeServer({.listen = listen}, PartsOn(clock));
    EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(second.status().message()), HasSubstr(listen));
  }
}

TEST_F(ServerTest, PortAloneMeansEveryAddress) {
  const auto everywhere =
      MakeServer({.listen = ":0", .security = {.insecure = true}}, PartsOn(hub_clock));
  ASSERT_TRUE(everywhere.ok()) << everywhere.status();
  const auto channel = grpc::CreateChannel(absl::StrCat("127.0.0.1:", (*everywhere)->port()),
                                           grpc::InsecureChannelCredentials());
  EXPECT_TRUE(channel->WaitForConnected(std::chrono::system_clock::now() + kPatience));
}

// More streams than one connection may hold, so from several; each ends with the reason.
TEST_F(ServerTest, StopEndsEveryStream) {
  const std::string id = Submit();
  constexpr int kConnections = 4;
  constexpr int kStreams = 50;
  std::vector<std::unique_ptr<v1::PipedriveConnector::Stub>> stubs;
  std::vector<std::unique_ptr<CallContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<v1::SyncPersonsResponse>>> streams;
  for (int c = 0; c < kConnections; ++c) {
    stubs.push_back(v1::PipedriveConnector::NewStub(Connect()));
    for (int i = 0; i < kStreams; ++i) {
      contexts.push_back(std::make_unique<CallContext>());
      streams.push_back(stubs.back()->SyncPersons(contexts.back().get(), Following(id)));
    }
  }
  v1::SyncPersonsResponse response;
  for (const auto& stream : streams) EXPECT_TRUE(stream->Read(&response));
  // Some clients leave, some are told more, while the service stops.
  for (size_t i = 0; i < contexts.size(); i += 3) contexts[i]->TryCancel();
  Lease();
  server->Stop(kPatience);
  server->Stop(kPatience);
  for (size_t i = 0; i < streams.size(); ++i) {
    while (streams[i]->Read(&response)) {
    }
    const grpc::Status status = streams[i]->Finish();
    if (i % 3 == 0) continue;
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_THAT(status.error_message(), HasSubstr("the run goes on"));
  }
  EXPECT_EQ(runs.Get("", id)->state, RunState::kRunning);
}

// Nobody reads these streams any more: what is sent to them fills the connection's window.
TEST_F(ServerTest, StopDoesNotWaitForClientsThatReadNothing) {
  const std::string id = Submit({.dry_run = true});
  Lease();
  PlannedChange change;
  change.reason = std::string(400, 'x');
  ASSERT_TRUE(storage->AppendPlan(Update(id).lease, std::vector(5'000, change)).ok());
  const auto stub = v1::PipedriveConnector::NewStub(Connect());
  std::vector<std::unique_ptr<CallContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<v1::SyncPersonsResponse>>> streams;
  v1::SyncPersonsResponse response;
  for (int i = 0; i < 20; ++i) {
    contexts.push_back(std::make_unique<CallContext>());
    streams.push_back(stub->SyncPersons(contexts.back().get(), Following(id)));
    EXPECT_TRUE(streams.back()->Read(&response));
  }
  const auto before = std::chrono::steady_clock::now();
  server->Stop(std::chrono::milliseconds(200));
  EXPECT_LT(std::chrono::steady_clock::now() - before, kPatience / 2);
  for (const auto& context : contexts) context->TryCancel();
}

TEST_F(ServerTest, CallsMayComeAndGoWhileTheServerStops) {
  for (int round = 0; round < 10; ++round) {
    auto made = MakeServer({.listen = "127.0.0.1:0"}, PartsOn(hub_clock));
    ASSERT_TRUE(made.ok()) << made.status();
    server = *std::move(made);
    const std::string id = Submit();
    std::vector<std::thread> clients;
    for (int c = 0; c < 4; ++c) {
      clients.emplace_back([this, &id, c, channel = Connect()] {
        const auto stub = v1::PipedriveConnector::NewStub(channel);
        for (int i = 0; i < 20; ++i) {
          CallContext context;
          const auto stream = stub->SyncPersons(&context, Following(id));
          v1::SyncPersonsResponse response;
          if (i % 4 != 0) stream->Read(&response);
          if (i % 4 != c) context.TryCancel();
          while (stream->Read(&response)) {
          }
          if (stream->Finish().error_code() == grpc::StatusCode::UNAVAILABLE) return;
        }
      });
    }
    server->Stop(kPatience);
    for (std::thread& client : clients) client.join();
  }
}

}  // namespace
}  // namespace connector::rpc
