// Who is let in to the gRPC listener: TLS, mTLS and tokens over real sockets.

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>

#include "rpc/transport_security.h"
#include "support/certificates.h"
#include "unit/rpc/server_fixture.h"

namespace connector::rpc {
namespace {

using connector::testing::Authority;
using connector::testing::Directory;
using connector::testing::KeyPair;
using ::testing::HasSubstr;
using ::testing::Not;

class SecurityTest : public RunsFixture {
 protected:
  absl::StatusOr<std::unique_ptr<Server>> Make(const std::string& listen = "127.0.0.1:0") {
    return MakeServer({.listen = listen, .security = security}, PartsOn(real_clock));
  }

  void Start() {
    auto made = Make();
    ASSERT_TRUE(made.ok()) << made.status();
    server = *std::move(made);
  }

  void UseTls() {
    const KeyPair own = authority.Issue("server");
    security.cert_file = files.Write("cert.pem", own.certificate);
    security.key_file = files.Write("key.pem", own.key);
  }

  // A call over a connection of its own.
  grpc::Status Call(const std::shared_ptr<grpc::ChannelCredentials>& credentials,
                    const std::string& authorization = "") {
    grpc::ChannelArguments own;
    own.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    const auto channel =
        grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", server->port()), credentials, own);
    CallContext context;
    if (!authorization.empty()) context.AddMetadata("authorization", authorization);
    v1::ListRunsResponse response;
    return v1::Operations::NewStub(channel)->ListRuns(&context, {}, &response);
  }

  static std::shared_ptr<grpc::ChannelCredentials> Plain() {
    return grpc::InsecureChannelCredentials();
  }
  static std::shared_ptr<grpc::ChannelCredentials> Tls(const Authority& trusted,
                                                       const KeyPair& own = {}) {
    return grpc::SslCredentials({trusted.certificate(), own.key, own.certificate});
  }

  SystemClock real_clock;
  Directory files;
  Authority authority{"authority"};
  TransportSecurity security;
  std::unique_ptr<Server> server;
};

TEST_F(SecurityTest, PlaintextBeyondLoopbackMustBeAllowed) {
  for (const char* listen : {":0", "0.0.0.0:0", "[::]:0"}) {
    security.insecure = false;
    const auto refused = Make(listen);
    EXPECT_TRUE(absl::IsFailedPrecondition(refused.status())) << listen;
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr("server.grpc.insecure"))
        << listen;
    security.insecure = true;
    EXPECT_TRUE(Make(listen).ok()) << listen;
    security.tokens = std::make_shared<Tokens>(std::vector{Secret("t")});
    EXPECT_THAT(std::string(Make(listen).status().message()), HasSubstr("in the clear")) << listen;
    security.tokens.reset();
  }
}

TEST_F(SecurityTest, LoopbackIsToldFromItsLookalikes) {
  for (const char* listen : {"127.0.0.1:9090", "localhost:0", "[::1]:0", "127.9.9.9:1"}) {
    EXPECT_TRUE(IsLoopback(listen)) << listen;
  }
  for (const char* listen :
       {":9090", "0.0.0.0:0", "127.example.com:1", "[::]:1", "10.0.0.1:1", ""}) {
    EXPECT_FALSE(IsLoopback(listen)) << listen;
  }
}

TEST_F(SecurityTest, TlsLetsInWhoTrustsTheCertificateAndNobodyInPlaintext) {
  UseTls();
  Start();
  EXPECT_TRUE(Call(Tls(authority)).ok());
  EXPECT_EQ(Call(Tls(Authority("another"))).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Call(Plain()).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(SecurityTest, MutualTlsAsksForACertificateOfTheAuthority) {
  UseTls();
  const Authority clients("clients");
  security.client_ca_file = files.Write("clients.pem", clients.certificate());
  Start();
  EXPECT_TRUE(Call(Tls(authority, clients.Issue("caller"))).ok());
  EXPECT_FALSE(Call(Tls(authority)).ok());
  EXPECT_FALSE(Call(Tls(authority, authority.Issue("caller"))).ok());
}

TEST_F(SecurityTest, FilesThatCannotServeAreRefusedByName) {
  UseTls();
  const std::string other = files.Write("other.pem", authority.Issue("other").key);
  const std::string rubbish = files.Write("rubbish.pem", "rubbish");
  const TransportSecurity good = security;
  struct Case {
    std::string TransportSecurity::*file;
    std::string value;
    const char* complaint;
  };
  for (const Case& c :
       std::vector<Case>{{&TransportSecurity::cert_file, rubbish, "no certificate"},
                         {&TransportSecurity::cert_file, "/none.pem", "/none.pem"},
                         {&TransportSecurity::cert_file, "", "belong together"},
                         {&TransportSecurity::key_file, rubbish, "no private key"},
                         {&TransportSecurity::key_file, other, "is not the key"},
                         {&TransportSecurity::client_ca_file, rubbish, "client_ca_file"}}) {
    security = good;
    security.*c.file = c.value;
    const auto refused = Make();
    EXPECT_TRUE(absl::IsFailedPrecondition(refused.status())) << c.complaint;
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr(c.complaint));
  }
}

TEST_F(SecurityTest, ANewCertificateIsTakenUpWithoutARestart) {
  UseTls();
  Start();
  const Authority next("next");
  ASSERT_FALSE(Call(Tls(next)).ok());
  const KeyPair renewed = next.Issue("server");
  files.Write("key.pem", renewed.key);
  files.Write("cert.pem", renewed.certificate);
  bool taken = false;
  const Time give_up = real_clock.Now() + std::chrono::seconds(30);
  while (!taken && real_clock.Now() < give_up) {
    taken = Call(Tls(next)).ok();
    std::condition_variable nobody;
    std::mutex mutex;
    std::unique_lock lock(mutex);
    if (!taken) real_clock.WaitFor(nobody, lock, std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(taken);
  EXPECT_FALSE(Call(Tls(authority)).ok()) << "the old one is still shown";
}

TEST_F(SecurityTest, TokensOldAndNewAreGoodAndNothingElseIs) {
  auto tokens = std::make_shared<Tokens>(std::vector{Secret("old-token"), Secret("new-token")});
  security.tokens = tokens;
  for (const bool tls : {false, true}) {
    if (tls) UseTls();
    Start();
    const auto credentials = tls ? Tls(authority) : Plain();
    EXPECT_TRUE(Call(credentials, "Bearer old-token").ok()) << tls;
    EXPECT_TRUE(Call(credentials, "bearer new-token").ok()) << tls;
    for (const char* wrong : {"", "Bearer", "Bearer ", "Bearer old-toke", "Bearer old-token2",
                              "Basic old-token", "old-token"}) {
      const grpc::Status status = Call(credentials, wrong);
      EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED)
          << tls << " '" << wrong << "'";
      EXPECT_THAT(status.error_message(), Not(HasSubstr("old-token"))) << tls;
    }
  }
  tokens->Set({Secret("new-token")});
  EXPECT_FALSE(Call(Tls(authority), "Bearer old-token").ok());
  EXPECT_TRUE(Call(Tls(authority), "Bearer new-token").ok());
}

TEST_F(SecurityTest, AnEmptyTokenIsNoToken) {
  const Tokens tokens({Secret("")});
  EXPECT_FALSE(tokens.Accept(""));
}

TEST_F(SecurityTest, ProbesNeedNoToken) {
  security.tokens = std::make_shared<Tokens>(std::vector{Secret("t")});
  Start();
  grpc::GenericStub stub(grpc::CreateChannel(absl::StrCat("127.0.0.1:", server->port()), Plain()));
  CallContext context;
  const grpc::Slice nothing;
  const grpc::ByteBuffer request(&nothing, 1);
  grpc::CompletionQueue queue;
  const auto call =
      stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", request, &queue);
  call->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

}  // namespace
}  // namespace connector::rpc
