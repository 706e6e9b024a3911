#pragma once

// The listener on a free port of 127.0.0.1 over runs that no runner works on.

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "pipedrive_connector/v1/operations.grpc.pb.h"
#include "pipedrive_connector/v1/records.grpc.pb.h"
#include "pipedrive_connector/v1/service.grpc.pb.h"
#include "rpc/server.h"
#include "unit/rpc/runs_fixture.h"

namespace connector::rpc {

namespace v1 = pipedrive_connector::v1;

// A call that hangs ends after this much, as a failure of the expectation it was for.
constexpr auto kPatience = std::chrono::seconds(30);

struct CallContext : grpc::ClientContext {
  CallContext() { set_deadline(std::chrono::system_clock::now() + kPatience); }
};

class ServerFixture : public RunsFixture {
 protected:
  ServerFixture() {
    auto made = MakeServer({.listen = "127.0.0.1:0"}, PartsOn(hub_clock));
    EXPECT_TRUE(made.ok()) << made.status();
    if (made.ok()) server = *std::move(made);
  }

  std::shared_ptr<grpc::Channel> Connect() const {
    grpc::ChannelArguments own;
    own.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
    return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", server->port()),
                                     grpc::InsecureChannelCredentials(), own);
  }

  // Twenty looks a second, so that no test waits long.
  SystemClock hub_clock{20, Time(std::chrono::seconds(1'700'000'000))};
  std::unique_ptr<Server> server;
};

}  // namespace connector::rpc
