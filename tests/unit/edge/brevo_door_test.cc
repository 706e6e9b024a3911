#include "edge/brevo_door.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "brevo/webhook_decoder.h"
#include "metrics/registry.h"
#include "store/sql_store.h"
#include "unit/edge/wire_client.h"

namespace connector::edge {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Body(int number = 1, const std::string& event = "contact_updated") {
  return absl::StrCat(R"({"id":7,"event":")", event, R"(","email":"p)", number,
                      R"(@x.io","ts":1700000000,"content":[{"attributes":{"FIRSTNAME":"A"}}]})");
}
std::string Batch(int from, int to) {
  std::string body = "[";
  for (int i = from; i < to; ++i) absl::StrAppend(&body, i > from ? "," : "", Body(i));
  return body + "]";
}
std::string Bearer(const std::string& token) { return "Authorization: Bearer " + token + "\r\n"; }
std::string Basic(const std::string& user, const std::string& password) {
  return "Authorization: Basic " + absl::Base64Escape(absl::StrCat(user, ":", password)) + "\r\n";
}
constexpr char kJson[] = "Content-Type: application/json\r\n";

// Takes some and has no room for more.
class FillingInbox : public store::Inbox {
 public:
  explicit FillingInbox(int room, absl::Status full) : room_(room), full_(std::move(full)) {}
  void AppendInbox(store::InboxEntry, store::AppendDone done) override {
    if (room_-- > 0) return done(store::Appended::kAccepted);
    done(full_);
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

 private:
  int room_;
  absl::Status full_;
};

class BrevoDoorTest : public ::testing::Test {
 protected:
  BrevoDoorTest() : store_(*store::MakeSqliteStore({":memory:"}, clock_)) {
    Open({{"main", Secret("new"), Secret("old")}}, *store_);
  }
  ~BrevoDoorTest() override { Close(); }
  void Close() {
    server_.reset();
    if (intake_) intake_->Stop();
    intake_.reset();
  }
  void Open(const std::vector<BrevoDoorKeys>& keys, store::Inbox& inbox) {
    Close();
    std::map<std::string, worker::Intake::Source, std::less<>> sources;
    for (const BrevoDoorKeys& key : keys) {
      sources[key.connection].decode_brevo = brevo::DecodeWebhook;
    }
    intake_ = std::make_unique<worker::Intake>(std::move(sources), inbox, clock_, metrics_);
    auto server = MakePublicServer(
        "127.0.0.1:0", BrevoWebhookRoutes(keys, brevo::kMaxWebhookBytes, *intake_, metrics_, log_),
        [this](std::string_view route, int status) { metrics_.OnPublicAnswer(route, status); });
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  std::optional<WireAnswer> Post(const std::string& headers, const std::string& body,
                                 const std::string& path = "/webhooks/brevo") {
    WireClient client(server_->port());
    client.Send(absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: t\r\nContent-Length: ", body.size(),
                             "\r\n", headers, "\r\n", body));
    return client.Read();
  }
  std::string Good() const { return kJson + Bearer("new"); }
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

TEST_F(BrevoDoorTest, TellsWhatBecameOfAnEvent) {
  struct Case {
    std::string body;
    std::string outcome;
    std::string detail;
    int64_t stored;
  };
  for (const Case& c :
       {Case{Body(1), "accepted", "", 1}, Case{Body(1), "duplicate", "", 1},
        Case{Body(2, "opened"), "ignored", "this version does nothing with such events", 1},
        Case{Body(2, "soft_bounce"), "ignored", "this version does nothing with such events", 1},
        Case{Batch(1, 4), "accepted", "2 accepted, 1 repeated, 0 ignored, 0 unreadable", 3},
        Case{Batch(1, 4), "duplicate", "0 accepted, 3 repeated, 0 ignored, 0 unreadable", 3},
        Case{absl::StrCat("[", Body(9), R"(,{"event":"spam"},)", Body(9, "click"), "]"), "accepted",
             "1 accepted, 0 repeated, 1 ignored, 1 unreadable", 4},
        Case{"[]", "ignored", "this version does nothing with such events", 4}}) {
    const auto answer = Post(Good(), c.body);
    ASSERT_TRUE(answer) << c.body;
    EXPECT_EQ(answer->status, 200) << c.body;
    const auto json = nlohmann::json::parse(answer->body);
    EXPECT_EQ(json.at("outcome"), c.outcome) << c.body;
    EXPECT_EQ(json.value("detail", ""), c.detail);
    EXPECT_EQ(Stored(), c.stored) << c.body;
  }
}

TEST_F(BrevoDoorTest, ABatchOf500IsTakenWhole) {
  const auto answer = Post(Good(), Batch(0, 500));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(Stored(), 500);
}

TEST_F(BrevoDoorTest, BothTokensOpenItByEitherScheme) {
  int number = 0;
  for (const std::string& headers :
       {Bearer("new"), Bearer("old"), Basic("brevo", "new"), Basic("", "old"),
        std::string("Authorization: bearer   new\r\n")}) {
    EXPECT_EQ(Post(kJson + headers, Body(++number))->status, 200) << headers;
  }
}

TEST_F(BrevoDoorTest, StrangersAreToldNothing) {
  for (const std::string& headers :
       {std::string(), Bearer("New"), Bearer(""), Bearer("newer"), Bearer("new new"),
        Basic("new", ""), Basic("new", "x"), std::string("Authorization: new\r\n"),
        std::string("Authorization: Basic !!!!\r\n"), "X-" + Bearer("new"),
        "Authorization: nothing\r\n" + Bearer("new")}) {
    for (const std::string& body : {Body(), std::string("{")}) {
      const auto answer = Post(kJson + headers, body);
      ASSERT_TRUE(answer) << headers;
      EXPECT_EQ(answer->status, 401) << headers;
    }
  }
  EXPECT_EQ(Stored(), 0);
}

TEST_F(BrevoDoorTest, WithoutATokenItIsClosedAndSaysSoAtStart) {
  for (const BrevoDoorKeys& keys : {BrevoDoorKeys{"main", Secret(), Secret()},
                                    BrevoDoorKeys{"main", Secret(), Secret("old")}}) {
    log_lines_.clear();
    Open({keys}, *store_);
    ASSERT_EQ(log_lines_.size(), 1U);
    EXPECT_THAT(log_lines_[0], HasSubstr("connectors.brevo.webhook.token"));
    for (const std::string& headers : {std::string(), Bearer(""), Basic("", ""), Bearer("old")}) {
      EXPECT_EQ(Post(kJson + headers, Body())->status, 401);
    }
  }
  EXPECT_EQ(Stored(), 0);
}

TEST_F(BrevoDoorTest, WhatCannotBeReadIsRefusedForGood) {
  for (const std::string& body :
       {std::string(), std::string("null"), std::string("{}"), Body().substr(0, 30),
        std::string(200'000, '['), std::string("{\"event\":\"\xc3\x28\"}"),
        std::string(R"({"event":"spam"})"), std::string("[7]")}) {
    const auto answer = Post(Good(), body);
    ASSERT_TRUE(answer) << body.substr(0, 60);
    EXPECT_EQ(answer->status, 400) << body.substr(0, 60);
  }
  EXPECT_EQ(Post(Bearer("new") + "Content-Type: text/plain\r\n", Body())->status, 415);
  EXPECT_EQ(Post(Good(), Body())->status, 200) << "and it is none the worse for it";
}

TEST_F(BrevoDoorTest, ItTakesLargerBodiesThanOtherDoorsAndNoneThatAreTooLarge) {
  std::string large = Body();
  large.insert(large.size() - 1, ",\"reason\":\"" + std::string(2 << 20, 'x') + "\"");
  EXPECT_EQ(Post(Good(), large)->status, 200);
  for (const std::string& length :
       {std::string("Content-Length: 4194305"), std::string("Content-Length: 99999999999")}) {
    WireClient client(server_->port());
    client.Send("POST /webhooks/brevo HTTP/1.1\r\nHost: t\r\n" + length + "\r\n" + Good() + "\r\n");
    EXPECT_EQ(client.Read()->status, 413);
  }
  WireClient elsewhere(server_->port());
  elsewhere.Send("POST /else HTTP/1.1\r\nHost: t\r\nContent-Length: 1048577\r\n\r\n");
  EXPECT_EQ(elsewhere.Read()->status, 413);
  WireClient chunked(server_->port());
  chunked.Send("POST /else HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n" +
               std::string(0x100001, 'x') + "\r\n0\r\n\r\n");
  EXPECT_EQ(chunked.Read()->status, 413);
}

TEST_F(BrevoDoorTest, TroubleOfOursIs429AndNever5xx) {
  for (const absl::Status& trouble :
       {absl::ResourceExhaustedError("database /secret/path: disk full"),
        absl::UnavailableError("locked"), absl::InternalError("bug")}) {
    FillingInbox full(0, trouble);
    Open({{"main", Secret("new"), Secret()}}, full);
    const auto answer = Post(Good(), Body());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 429) << trouble;
    EXPECT_TRUE(answer->headers.contains("retry-after"));
    EXPECT_THAT(answer->body, Not(HasSubstr("/secret/path")));
    Close();
  }
}

TEST_F(BrevoDoorTest, ABatchIsAcceptedOnlyAsAWhole) {
  FillingInbox half(2, absl::ResourceExhaustedError("disk full"));
  Open({{"main", Secret("new"), Secret()}}, half);
  EXPECT_EQ(Post(Good(), Batch(0, 4))->status, 429);
  Close();
}

TEST_F(BrevoDoorTest, AHandlerThatBreaksIs429Too) {
  Route broken;
  broken.method = "POST";
  broken.path = kBrevoDoor;
  broken.instead_of_5xx = 429;
  broken.handler = [](const HttpRequest& request, const Responder& respond) {
    if (request.body == "throw") throw std::runtime_error("bug");
    if (request.body == "500") respond({.status = 500});
  };  // else the responder is dropped
  Route other = broken;
  other.path = "/other";
  other.instead_of_5xx = 0;
  Close();
  server_ = *MakePublicServer("127.0.0.1:0", {broken, other});
  for (const std::string& body : {std::string("throw"), std::string("500"), std::string("drop")}) {
    EXPECT_EQ(Post(kJson, body)->status, 429) << body;
    EXPECT_EQ(Post(kJson, body, "/webhooks/brevo?x=1")->status, 429) << body;
    EXPECT_EQ(Post(kJson, body, "/other")->status, 500) << body;
  }
}

TEST_F(BrevoDoorTest, ConnectionsAreToldApartByPathOrToken) {
  Open({{"one", Secret("1"), Secret()}, {"two", Secret("2"), Secret()}}, *store_);
  EXPECT_EQ(Post(kJson + Bearer("1"), Body(1))->status, 200);
  EXPECT_EQ(Post(kJson + Bearer("2"), Body(1))->status, 200);
  EXPECT_EQ(Post(kJson + Bearer("2"), Body(2), "/webhooks/brevo/two")->status, 200);
  EXPECT_EQ(Post(kJson + Bearer("1"), Body(2), "/webhooks/brevo/two")->status, 401);
  EXPECT_EQ(Post(kJson + Bearer("1"), Body(2), "/webhooks/brevo/three")->status, 404);
  EXPECT_EQ(Stored("one"), 1);
  EXPECT_EQ(Stored("two"), 2);
}

TEST_F(BrevoDoorTest, OtherMethodsAreRefused) {
  WireClient client(server_->port());
  EXPECT_EQ(client.Get("/webhooks/brevo")->status, 405);
}

}  // namespace
}  // namespace connector::edge
