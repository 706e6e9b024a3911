// `health` against servers in the same process; a socket only where there must be none behind it.

#include <gmock/gmock.h>
#include <grpcpp/generic/async_generic_service.h>
#include <gtest/gtest.h>

#include <sstream>

#include "cli/call.h"
#include "pipedrive_connector/v1/operations.grpc.pb.h"

namespace connector::cli {
namespace {

using testing::HasSubstr;

class HealthTest : public testing::Test {
 protected:
  HealthTest() { arguments_.verb = Verb::kHealth; }

  // With the health checking that the service has, too.
  void StartServer() {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.RegisterService(&operations_);
    server_ = builder.BuildAndStart();
  }

  int Run() {
    const SystemClock clock;
    Terminal terminal{out_, err_};
    return RunCall({arguments_, server_->InProcessChannel({}), clock, terminal});
  }

  // gRPC starts no server without a service.
  ::pipedrive_connector::v1::Operations::Service operations_;
  std::unique_ptr<grpc::Server> server_;
  Arguments arguments_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(HealthTest, AServerThatServes) {
  StartServer();
  EXPECT_EQ(Run(), 0);
  EXPECT_EQ(out_.str(), "serving\n");
}

TEST_F(HealthTest, AServerThatIsToldToStop) {
  StartServer();
  server_->GetHealthCheckService()->SetServingStatus(false);
  EXPECT_EQ(Run(), 1);
  EXPECT_EQ(out_.str(), "not serving\n");
  arguments_.json = true;
  out_.str("");
  EXPECT_EQ(Run(), 1);
  EXPECT_EQ(out_.str(), "{\"serving\":false}\n");
}

TEST_F(HealthTest, AServerThatIsGone) {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&operations_);
  server_ = builder.BuildAndStart();
  ASSERT_NE(port, 0);
  const auto channel =
      grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials());
  server_->Shutdown();
  server_.reset();
  const SystemClock clock;
  Terminal terminal{out_, err_};
  EXPECT_EQ(RunCall({arguments_, channel, clock, terminal}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("is `pipedrive-connector serve` running at 127.0.0.1:9090?"));
}

// Answers every call with the same bytes.
class Stubborn : public grpc::CallbackGenericService {
 public:
  explicit Stubborn(std::string answer) : answer_(std::move(answer)) {}

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    class Reactor : public grpc::ServerGenericBidiReactor {
     public:
      explicit Reactor(const std::string& answer) {
        const grpc::Slice slice(answer);
        answer_ = grpc::ByteBuffer(&slice, 1);
        StartWriteAndFinish(&answer_, {}, grpc::Status::OK);
      }
      void OnDone() override { delete this; }

     private:
      grpc::ByteBuffer answer_;
    };
    return new Reactor(answer_);
  }

 private:
  const std::string answer_;
};

TEST_F(HealthTest, AnAnswerThatSaysNothingOfServingIsNoHealth) {
  grpc::EnableDefaultHealthCheckService(false);
  const std::vector<std::pair<std::string, int>> cases = {
      {std::string("\x08\x01", 2), 0},      // SERVING
      {"", 1},                              // UNKNOWN, which is not sent
      {std::string("\x08\x02", 2), 1},      // NOT_SERVING
      {std::string("\x08\x03", 2), 1},      // SERVICE_UNKNOWN
      {std::string("\x10\x01", 2), 1},      // another field
      {std::string("\x0a\x01\x01", 3), 1},  // another type
      {"\xff", 1},                          // no message
  };
  for (const auto& [answer, expected] : cases) {
    Stubborn service(answer);
    grpc::ServerBuilder builder;
    builder.RegisterCallbackGenericService(&service);
    server_ = builder.BuildAndStart();
    EXPECT_EQ(Run(), expected) << testing::PrintToString(answer);
    server_->Shutdown();
    server_->Wait();
    server_.reset();
  }
}

}  // namespace
}  // namespace connector::cli
