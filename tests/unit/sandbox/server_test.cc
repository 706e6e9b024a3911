// Over a real socket: the sandbox answers, keeps connections, and breaks them when told to.
#include <gtest/gtest.h>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "sandbox/sandbox.h"

namespace sandbox {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

class ServerTest : public testing::Test {
 protected:
  ServerTest() : sandbox_(Small()) {}

  static Options Small() {
    Options options;
    options.persons = 20;
    options.organizations = 5;
    options.existing_contacts = 0;
    return options;
  }

  void SetUp() override {
    ASSERT_EQ(sandbox_.Start(), "");
    const std::string url = sandbox_.ApiUrl();
    const auto port = static_cast<uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
    socket_.connect({asio::ip::make_address("127.0.0.1"), port});
  }

  boost::system::error_code Get(const std::string& target) {
    http::request<http::empty_body> request(http::verb::get, target, 11);
    request.set(http::field::host, "localhost");
    request.set("x-api-token", "sandbox-pipedrive-token");
    http::write(socket_, request);
    response_ = {};
    boost::system::error_code error;
    http::read(socket_, buffer_, response_, error);
    return error;
  }

  void Fault(const char* kind) {
    sandbox_.With([kind](World& world) {
      ASSERT_EQ(world.faults.Add({{"kind", kind}, {"match", {{"api", "pipedrive"}}}}), "");
    });
  }

  Sandbox sandbox_;
  asio::io_context io_;
  asio::ip::tcp::socket socket_{io_};
  boost::beast::flat_buffer buffer_;
  http::response<http::string_body> response_;
};

TEST_F(ServerTest, AnswersTwiceOnOneConnection) {
  for (int i = 0; i < 2; ++i) {
    ASSERT_FALSE(Get("/api/v2/persons?limit=5"));
    EXPECT_EQ(response_.result_int(), 200U);
    EXPECT_FALSE(response_["Date"].empty());
    EXPECT_FALSE(response_["x-daily-ratelimit-token-remaining"].empty());
  }
  sandbox_.With([](World& world) { EXPECT_EQ(world.stats.connections, 1); });
}

TEST_F(ServerTest, TruncatesTheBody) {
  Fault("truncate");
  EXPECT_EQ(Get("/api/v2/persons?limit=5"), http::error::partial_message);
}

TEST_F(ServerTest, ResetsTheConnection) {
  Fault("reset");
  EXPECT_TRUE(Get("/api/v2/persons?limit=5"));
}

TEST_F(ServerTest, SecondSandboxOnTheSamePortIsAnError) {
  Options options = Small();
  options.listen = sandbox_.ApiUrl().substr(7);
  EXPECT_NE(Sandbox(options).Start(), "");
}

}  // namespace
}  // namespace sandbox
