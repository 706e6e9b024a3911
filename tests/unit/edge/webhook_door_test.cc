#include "edge/webhook_door.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "metrics/registry.h"
#include "pipedrive/webhook_decoder.h"
#include "store/sql_store.h"
#include "unit/edge/wire_client.h"

namespace connector::edge {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Body(const std::string& event = "e", const std::string& object = "person") {
  return absl::StrCat(R"({"meta":{"action":"change","entity":")", object,
                      R"(","entity_id":"8","id":")", event,
                      R"(","timestamp":"2026-01-02T03:04:05.678Z"},)",
                      R"("data":{"id":8,"name":"Zoë"},"previous":{}})");
}

std::string Basic(const std::string& user, const std::string& password) {
  return "Authorization: Basic " + absl::Base64Escape(absl::StrCat(user, ":", password)) + "\r\n";
}
constexpr char kJson[] = "Content-Type: application/json\r\n";

// Stands for a disk that is full.
class FullInbox : public store::Inbox {
 public:
  void AppendInbox(store::InboxEntry, store::AppendDone done) override {
    done(absl::ResourceExhaustedError("database /secret/path: disk full"));
  }
  absl::StatusOr<std::vector<store::LeasedEvent>> LeaseInbox(std::string_view, std::string_view,
                                                             Time, Duration, int) override {
    return absl::UnimplementedError("");
  }
  absl::Status RenewInbox(std::string_view, std::string_view, Time) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<store::FoldCounts> FinishIngest(std::string_view, std::string_view,
                                                 const store::IngestBatch&) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<store::EventState> GetEventState(std::string_view, std::string_view) override {
    return absl::UnimplementedError("");
  }
};

class WebhookDoorTest : public ::testing::Test {
 protected:
  WebhookDoorTest() : store_(*store::MakeSqliteStore({":memory:"}, clock_)) {
    Open({{"main", "pipedrive", Secret("new"), Secret("old")}}, *store_);
  }
  ~WebhookDoorTest() override {
    server_.reset();
    if (intake_) intake_->Stop();
  }

  void Open(std::vector<DoorKeys> keys, store::Inbox& inbox) {
    server_.reset();
    std::map<std::string, worker::Intake::Source, std::less<>> sources;
    for (const DoorKeys& key : keys) {
      sources[key.connection] = {
          [](std::string_view body) { return pipedrive::DecodeWebhook(body); },
          {SourceObject::kPerson},
          nullptr};
    }
    intake_ = std::make_unique<worker::Intake>(std::move(sources), inbox, clock_, metrics_);
    auto server = MakePublicServer(
        "127.0.0.1:0", PipedriveWebhookRoutes(std::move(keys), *intake_, metrics_, log_),
        [this](std::string_view route, int status) { metrics_.OnPublicAnswer(route, status); });
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  std::optional<WireAnswer> Post(const std::string& headers, const std::string& body,
                                 const std::string& path = "/webhooks/pipedrive") {
    WireClient client(server_->port());
    client.Send(absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: t\r\nContent-Length: ", body.size(),
                             "\r\n", headers, "\r\n", body));
    return client.Read();
  }
  std::string Good() const { return kJson + Basic("pipedrive", "new"); }
  int64_t Stored(const std::string& connection = "main") {
    return store_->GetQueueDepth(connection)->inbox_events;
  }

  SystemClock clock_;
  metrics::Registry registry_;
  metrics::WebhookMetrics metrics_{registry_};
  std::vector<std::string> log_lines_;
  Logger log_{clock_, LogLevel::kWarning,
              [this](std::string_view line) { log_lines_.emplace_back(line); }};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<worker::Intake> intake_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(WebhookDoorTest, TellsWhatBecameOfAnEvent) {
  struct Case {
    std::string body;
    std::string outcome;
  };
  for (const Case& c : {Case{Body(), "accepted"}, Case{Body(), "duplicate"},
                        Case{Body("f", "product"), "ignored"}, Case{Body("g"), "accepted"}}) {
    const auto answer = Post(Good(), c.body);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->headers.at("content-type"), "application/json");
    const auto json = nlohmann::json::parse(answer->body);
    EXPECT_EQ(json.at("outcome"), c.outcome);
    EXPECT_EQ(json.contains("detail"), c.outcome == "ignored");
  }
  EXPECT_EQ(Stored(), 2);
}

TEST_F(WebhookDoorTest, BothPasswordsOpenItDuringARotation) {
  for (const char* password : {"new", "old"}) {
    EXPECT_EQ(Post(kJson + Basic("pipedrive", password), Body(password))->status, 200) << password;
  }
}

TEST_F(WebhookDoorTest, StrangersAreToldNothing) {
  const std::string good = Basic("pipedrive", "new");
  for (const std::string& headers :
       {std::string(), Basic("pipedrive", "New"), Basic("pipedrive", ""), Basic("", "new"),
        Basic("pipedrive2", "new"), Basic("pipedrive", "newer"),
        std::string("Authorization: Bearer new\r\n"), std::string("Authorization: Basic !!!!\r\n"),
        std::string("Authorization: new\r\n"), "X-" + good,
        "Authorization: Basic " + std::string(9000, 'Q') + "\r\n",
        "Authorization: nothing\r\n" + good}) {
    // What else is wrong with it is not told.
    for (const std::string& body : {Body(), std::string("{")}) {
      const auto answer = Post(headers, body);
      ASSERT_TRUE(answer) << headers.substr(0, 100);
      EXPECT_EQ(answer->status, 401) << headers.substr(0, 100);
      EXPECT_THAT(answer->headers.at("www-authenticate"), HasSubstr("Basic"));
    }
  }
  EXPECT_EQ(Stored(), 0);
  EXPECT_THAT(
      registry_.Serialize(),
      HasSubstr(R"(connection="",door="http",outcome="refused",reason="unauthorized"} 24)"));
}

TEST_F(WebhookDoorTest, WithoutAPasswordItIsClosedAndSaysSoAtStart) {
  for (const DoorKeys& keys : {DoorKeys{"main", "", Secret(), Secret()},
                               DoorKeys{"main", "pipedrive", Secret(), Secret("old")}}) {
    log_lines_.clear();
    Open({keys}, *store_);
    ASSERT_EQ(log_lines_.size(), 1U);
    EXPECT_THAT(log_lines_[0], HasSubstr("connectors.pipedrive.webhook.password"));
    for (const std::string& headers :
         {std::string(kJson), kJson + Basic("", ""), kJson + Basic("pipedrive", ""),
          kJson + Basic("pipedrive", "old")}) {
      EXPECT_EQ(Post(headers, Body())->status, 401);
    }
  }
  EXPECT_EQ(Stored(), 0);
}

TEST_F(WebhookDoorTest, OnlyJsonIsRead) {
  const std::string basic = Basic("pipedrive", "new");
  struct Case {
    std::string headers;
    int status;
  };
  int number = 0;
  for (const Case& c : {Case{"", 200},
                        {"Content-Type: application/json; charset=utf-8\r\n", 200},
                        {"Content-Type: Application/JSON\r\n", 200},
                        {"Content-Type: application/vnd.x+json\r\n", 200},
                        {"Content-Encoding: identity\r\n", 200},
                        {"Content-Type: text/plain\r\n", 415},
                        {"Content-Type: application/x-www-form-urlencoded\r\n", 415},
                        {"Content-Type: application/jsonp\r\n", 415},
                        {"Content-Type: ;\r\n", 415},
                        {std::string(kJson) + "Content-Encoding: gzip\r\n", 415}}) {
    EXPECT_EQ(Post(basic + c.headers, Body(absl::StrCat("e", ++number)))->status, c.status)
        << c.headers;
  }
}

TEST_F(WebhookDoorTest, WhatCannotBeReadIsRefused) {
  const std::string whole = Body();
  std::string deep = "{\"meta\":";
  for (int i = 0; i < 50'000; ++i) deep += "{\"a\":";
  for (const std::string& body :
       {std::string(), std::string("null"), std::string("[]"), std::string("{}"),
        whole.substr(0, whole.size() / 2), whole + whole, std::string(200'000, '['), deep,
        std::string("\xff\xfe{\0}\0", 6), std::string("{\"meta\":\"\xc3\x28\"}"),
        std::string("\x1f\x8b\x08", 3), Body("e", std::string(5000, 'x'))}) {
    const auto answer = Post(Good(), body);
    ASSERT_TRUE(answer) << body.substr(0, 60);
    EXPECT_EQ(answer->status, 400) << body.substr(0, 60);
    EXPECT_THAT(nlohmann::json::parse(answer->body).at("error"), Not(""));
  }
  EXPECT_EQ(Post(Good(), Body())->status, 200) << "and it is none the worse for it";
}

TEST_F(WebhookDoorTest, WhatIsTooLargeIsRefusedAndCounted) {
  WireClient client(server_->port());
  client.Send("POST /webhooks/pipedrive HTTP/1.1\r\nHost: t\r\nContent-Length: 1048577\r\n" +
              Good() + "\r\n");
  EXPECT_EQ(client.Read()->status, 413);
  EXPECT_EQ(Post("X-Long: " + std::string(20'000, 'x') + "\r\n" + Good(), Body())->status, 431);
  EXPECT_THAT(registry_.Serialize(), HasSubstr(R"(route="other",status="413"} 1)"));
  EXPECT_THAT(registry_.Serialize(), HasSubstr(R"(route="other",status="431"} 1)"));
}

TEST_F(WebhookDoorTest, OtherMethodsAreCountedToo) {
  WireClient client(server_->port());
  EXPECT_EQ(client.Get("/webhooks/pipedrive")->status, 405);
  EXPECT_EQ(client.Get("/webhooks/" + std::string(1000, 'x'))->status, 404);
  EXPECT_THAT(registry_.Serialize(), HasSubstr(R"(route="/webhooks/pipedrive",status="405"} 1)"));
  EXPECT_THAT(registry_.Serialize(), HasSubstr(R"(route="other",status="404"} 1)"));
}

TEST_F(WebhookDoorTest, AFullDiskAsksForAnotherTry) {
  FullInbox full;
  Open({{"main", "pipedrive", Secret("new"), Secret()}}, full);
  const auto answer = Post(Good(), Body());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->headers.at("retry-after"), "3");
  EXPECT_THAT(answer->body, Not(HasSubstr("/secret/path")));
  server_.reset();
  intake_.reset();
}

TEST_F(WebhookDoorTest, ConnectionsAreToldApartByPathOrCredentials) {
  Open({{"one", "u", Secret("1"), Secret()}, {"two", "u", Secret("2"), Secret()}}, *store_);
  const std::string first = kJson + Basic("u", "1");
  const std::string second = kJson + Basic("u", "2");
  EXPECT_EQ(Post(first, Body("a"))->status, 200);
  EXPECT_EQ(Post(second, Body("a"))->status, 200);
  EXPECT_EQ(Post(second, Body("b"), "/webhooks/pipedrive/two")->status, 200);
  EXPECT_EQ(Post(first, Body("b"), "/webhooks/pipedrive/two")->status, 401);
  EXPECT_EQ(Post(first, Body("b"), "/webhooks/pipedrive/three")->status, 404);
  EXPECT_EQ(Stored("one"), 1);
  EXPECT_EQ(Stored("two"), 2);
  EXPECT_THAT(registry_.Serialize(), HasSubstr(R"(route="/webhooks/pipedrive",status="200"} 3)"));
}

TEST_F(WebhookDoorTest, ManyOnOneConnectionAreAnsweredInOrder) {
  WireClient client(server_->port());
  for (int i = 0; i < 50; ++i) {
    const std::string body = Body(absl::StrCat("e", i / 2));
    client.Send(absl::StrCat("POST /webhooks/pipedrive HTTP/1.1\r\nHost: t\r\nContent-Length: ",
                             body.size(), "\r\n", Good(), "\r\n", body));
  }
  for (int i = 0; i < 50; ++i) {
    const auto answer = client.Read();
    ASSERT_TRUE(answer) << i;
    EXPECT_EQ(nlohmann::json::parse(answer->body).at("outcome"),
              i % 2 == 0 ? "accepted" : "duplicate");
  }
}

}  // namespace
}  // namespace connector::edge
