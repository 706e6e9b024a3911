// What the intake makes of Brevo's deliveries.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "metrics/registry.h"
#include "model/wire.h"
#include "store/sql_store.h"
#include "unit/worker/standing_clock.h"
#include "worker/intake.h"

namespace connector::worker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Answer = absl::StatusOr<IntakeAnswer>;

// "a@x.io b@x.io": a change of each; "?" one that can't be read, "-" one nothing follows from.
absl::StatusOr<BrevoChanges> Decode(std::string_view body) {
  if (body == "bad") return absl::InvalidArgumentError("bad body");
  BrevoChanges told;
  for (const auto word : absl::StrSplit(absl::string_view(body.data(), body.size()), ' ')) {
    if (word == "?") {
      ++told.unreadable;
      continue;
    }
    BrevoChange& change = told.changes.emplace_back();
    change.kind = word == "-" ? BrevoChange::Kind::kOther : BrevoChange::Kind::kSpam;
    change.event = "spam";
    change.email = std::string(word);
    if (word[0] != 'u') change.key = absl::StrCat("key of ", word);
  }
  return told;
}

class IntakeBrevoTest : public testing::Test {
 protected:
  IntakeBrevoTest() : store_(*store::MakeSqliteStore({":memory:"}, clock_)) {
    std::map<std::string, Intake::Source, std::less<>> sources;
    sources["main"].decode_brevo = Decode;
    sources["main"].wake = [this] { ++wakes_; };
    sources["off"];
    intake_ = std::make_unique<Intake>(std::move(sources), *store_, clock_, metrics_);
  }
  std::future<Answer> Send(std::string body, bool wait = false, std::string connection = "main") {
    auto promise = std::make_shared<std::promise<Answer>>();
    intake_->Submit({.connection = std::move(connection),
                     .source = store::EventSource::kBrevo,
                     .door = "http",
                     .body = std::move(body),
                     .wait = wait},
                    [promise](Answer answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
  }
  std::vector<store::LeasedEvent> Lease() {
    return *store_->LeaseInbox("main", "w", clock_.Now(), std::chrono::minutes(1), 100);
  }

  StandingClock clock_;
  metrics::Registry registry_;
  metrics::WebhookMetrics metrics_{registry_};
  std::atomic<int> wakes_ = 0;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Intake> intake_;
};

TEST_F(IntakeBrevoTest, EachChangeIsAnEventInTheLaneOfItsContact) {
  const Answer answer = Send("A@x.io b@x.io A@x.io - ?").get();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->outcome, IntakeOutcome::kAccepted);
  EXPECT_EQ(answer->detail, "2 accepted, 1 repeated, 1 ignored, 1 unreadable");
  const auto events = Lease();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].entry.source, store::EventSource::kBrevo);
  EXPECT_EQ(events[0].entry.lane, "contact/a@x.io");
  EXPECT_FALSE(events[0].entry.bulk);
  const auto change = DecodeBrevoChange(events[0].entry.body);
  ASSERT_TRUE(change.ok());
  EXPECT_EQ(change->email, "A@x.io");
  EXPECT_EQ(events[1].entry.lane, "contact/b@x.io");
  EXPECT_EQ(wakes_, 1);
  EXPECT_THAT(registry_.Serialize(), HasSubstr(R"(outcome="accepted",reason=""} 2)"));
}

TEST_F(IntakeBrevoTest, ManyAtOnceAreNotWaitedFor) {
  ASSERT_TRUE(Send("a b c d e f g h i j").get().ok());
  for (const auto& event : Lease()) EXPECT_TRUE(event.entry.bulk);
}

TEST_F(IntakeBrevoTest, WithoutATimeTheSameIsTakenTwice) {
  ASSERT_TRUE(Send("u@x.io").get().ok());
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(Send("u@x.io").get()->outcome, IntakeOutcome::kAccepted);
  EXPECT_EQ(Lease().size(), 2U);
}

TEST_F(IntakeBrevoTest, WhatIsRefusedOrIgnored) {
  EXPECT_EQ(Send("bad").get().status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Send("-").get()->outcome, IntakeOutcome::kIgnored);
  EXPECT_EQ(Send("a@x.io", false, "off").get()->outcome, IntakeOutcome::kIgnored);
  EXPECT_EQ(Send("a@x.io", false, "nope").get().status().code(), absl::StatusCode::kNotFound);
  intake_->Stop();
  EXPECT_EQ(Send("a@x.io b@x.io").get().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(Lease().empty());
}

TEST_F(IntakeBrevoTest, AWaitIsForAllOfThem) {
  auto waiting = Send("a@x.io b@x.io", /*wait=*/true);
  while (store_->GetQueueDepth("main")->inbox_events < 2) std::this_thread::yield();
  const auto events = Lease();
  const auto settle = [&](size_t i) {
    store::IngestBatch batch;
    batch.settled.push_back({events[i].id, {}});
    EXPECT_TRUE(store_->FinishIngest("main", "w", batch).ok());
  };
  settle(0);
  for (int i = 0; i < 20; ++i) {
    clock_.Advance(std::chrono::milliseconds(100));
    ASSERT_EQ(waiting.wait_for(std::chrono::milliseconds(1)), std::future_status::timeout);
  }
  settle(1);
  while (waiting.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
    clock_.Advance(std::chrono::milliseconds(100));
  }
  const Answer answer = waiting.get();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->outcome, IntakeOutcome::kApplied);
}

}  // namespace
}  // namespace connector::worker
