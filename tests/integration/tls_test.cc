// gRPC with TLS, mTLS and tokens from outside: the real binary on both ends.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/harness.h"
#include "integration/look.h"
#include "support/certificates.h"

namespace connector::integration {
namespace {

using connector::testing::Authority;
using connector::testing::Directory;
using connector::testing::KeyPair;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kListen[] = R"(grpc: {listen: "127.0.0.1:0"})";

// A server with a certificate, an authority for its clients, two tokens, and a client that has all.
class TlsTest : public ::testing::Test {
 protected:
  TlsTest() {
    Install(authority.Issue("server"));
    const KeyPair own = clients.Issue("client");
    client = {"--tls-ca",   files.Write("ca.pem", authority.certificate()),
              "--tls-cert", files.Write("client.pem", own.certificate),
              "--tls-key",  files.Write("client.key", own.key)};
    token = {"--token-file", files.Write("token", "new-token-of-a-caller\n")};
    World::Options options{.persons = 10, .organizations = 2, .existing_contacts = 0};
    options.config_edits[kListen] =
        R"(grpc: {listen: "127.0.0.1:0", tls: {cert_file: ")" + path("server.pem") +
        R"(", key_file: ")" + path("server.key") + R"(", client_ca_file: ")" +
        files.Write("clients.pem", clients.certificate()) + R"("}, tokens_file: ")" +
        files.Write("tokens", "old-token, new-token-of-a-caller\n") + R"("})";
    world = std::make_unique<World>(std::move(options));
    world->StartService();
  }

  void Install(const KeyPair& own) {
    files.Write("server.key", own.key);
    files.Write("server.pem", own.certificate);
  }
  std::string path(const std::string& name) { return files.path() + "/" + name; }

  CommandResult Run(std::vector<std::string> verb,
                    std::initializer_list<std::vector<std::string>> flags) {
    for (const std::vector<std::string>& some : flags) {
      verb.insert(verb.end(), some.begin(), some.end());
    }
    return world->Run(std::move(verb));
  }

  Directory files;
  Authority authority{"authority"};
  Authority clients{"clients"};
  std::vector<std::string> client;
  std::vector<std::string> token;
  std::unique_ptr<World> world;
};

TEST_F(TlsTest, OnlyWhoHasCertificateAndTokenGetsIn) {
  const CommandResult all = Run({"sync", "persons", "--json"}, {client, token});
  ASSERT_EQ(all.exit_code, 0) << all.output;
  ExpectSucceeded(all.Objects().back());

  const CommandResult no_token = Run({"runs", "list"}, {client});
  EXPECT_EQ(no_token.exit_code, 1);
  EXPECT_THAT(no_token.output, AllOf(HasSubstr("UNAUTHENTICATED"), HasSubstr("--token-file")));
  const CommandResult wrong =
      Run({"runs", "list"}, {client, {"--token-file", files.Write("wrong", "another-token")}});
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_THAT(wrong.output, AllOf(HasSubstr("UNAUTHENTICATED"), Not(HasSubstr("another-token"))));

  const std::vector<std::string> only_ca(client.begin(), client.begin() + 2);
  EXPECT_EQ(Run({"runs", "list"}, {only_ca, token}).exit_code, 1) << "without a certificate";
  EXPECT_EQ(Run({"runs", "list"}, {token}).exit_code, 1) << "in plaintext";
  EXPECT_EQ(Run({"health"}, {client}).exit_code, 0) << "a probe has no token";
  EXPECT_THAT(world->service().output(), Not(HasSubstr("token-of-a-caller")));
}

TEST_F(TlsTest, ChangedTokensAreTakenOverByTheRunningService) {
  ASSERT_EQ(Run({"runs", "list"}, {client, token}).exit_code, 0);
  files.Write("tokens", "the-next-token");
  world->service().Signal(SIGHUP);
  const std::vector<std::string> next = {"--token-file", files.Write("next", "the-next-token")};
  EXPECT_TRUE(AwaitCondition([&] { return Run({"runs", "list"}, {client, next}).exit_code == 0; }));
  EXPECT_EQ(Run({"runs", "list"}, {client, token}).exit_code, 1);
}

TEST_F(TlsTest, ARenewedCertificateIsTakenUpByTheRunningService) {
  const Authority next("next");
  std::vector<std::string> renewed = client;
  renewed[1] = files.Write("next.pem", next.certificate());
  ASSERT_EQ(Run({"health"}, {renewed}).exit_code, 1);
  Install(next.Issue("server"));
  EXPECT_TRUE(AwaitCondition([&] { return Run({"health"}, {renewed}).exit_code == 0; }));
}

}  // namespace
}  // namespace connector::integration
