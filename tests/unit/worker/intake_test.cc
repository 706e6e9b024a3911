#include "worker/intake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "absl/strings/str_cat.h"
#include "metrics/registry.h"
#include "pipedrive/webhook_decoder.h"
#include "store/sql_store.h"
#include "unit/worker/standing_clock.h"

namespace connector::worker {
namespace {

using testing::HasSubstr;
using Answer = absl::StatusOr<IntakeAnswer>;

std::string Person(int id, const std::string& event = "e", bool bulk = false) {
  return absl::StrCat(R"({"meta":{"action":"change","entity":"person","entity_id":")", id,
                      R"(","id":")", event, R"(","is_bulk_edit":)", bulk ? "true" : "false",
                      R"(,"timestamp":"2026-01-02T03:04:05.678Z"},"data":{"id":)", id,
                      R"(,"name":"A"},"previous":{}})");
}

// An inbox that answers when it is told to.
class StalledInbox : public store::Inbox {
 public:
  void AppendInbox(store::InboxEntry, store::AppendDone done) override {
    waiting.push_back(std::move(done));
  }
  absl::StatusOr<std::vector<store::LeasedEvent>> LeaseInbox(std::string_view, std::string_view,
                                                             Time, Duration, int) override {
    return absl::UnimplementedError("");
  }
  absl::Status RenewInbox(std::string_view, std::string_view, Time) override {
    return absl::OkStatus();
  }
  absl::StatusOr<store::FoldCounts> FinishIngest(std::string_view, std::string_view,
                                                 const store::IngestBatch&) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<store::EventState> GetEventState(std::string_view, std::string_view) override {
    return store::EventState::kPending;
  }
  std::vector<store::AppendDone> waiting;
};

class IntakeTest : public testing::Test {
 protected:
  IntakeTest() : store_(*store::MakeSqliteStore({":memory:"}, clock_)), intake_(Make(*store_)) {}

  std::unique_ptr<Intake> Make(store::Inbox& inbox) {
    std::map<std::string, Intake::Source, std::less<>> sources;
    sources["main"] = {
        .decode = [](std::string_view body) { return pipedrive::DecodeWebhook(body); },
        .objects = {SourceObject::kPerson, SourceObject::kDeal},
        .wake = [this] { ++wakes_; },
        .company = [this] { return company_.load(); }};
    return std::make_unique<Intake>(std::move(sources), inbox, clock_, metrics_);
  }
  std::future<Answer> Send(std::string body, bool wait = false, std::stop_token abandoned = {},
                           std::string connection = "main") {
    auto promise = std::make_shared<std::promise<Answer>>();
    intake_->Submit({.connection = std::move(connection),
                     .door = "http",
                     .body = std::move(body),
                     .wait = wait,
                     .abandoned = std::move(abandoned)},
                    [promise](Answer answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
  }
  std::vector<store::LeasedEvent> Lease() {
    auto events = store_->LeaseInbox("main", "w", clock_.Now(), std::chrono::minutes(1), 100);
    EXPECT_TRUE(events.ok()) << events.status();
    return *std::move(events);
  }
  void SettleAll() {
    store::IngestBatch batch;
    for (const auto& event : Lease()) batch.settled.push_back({event.id, {}});
    EXPECT_TRUE(store_->FinishIngest("main", "w", batch).ok());
  }
  std::string Page() { return registry_.Serialize(); }

  StandingClock clock_;
  metrics::Registry registry_;
  metrics::WebhookMetrics metrics_{registry_};
  std::atomic<int> wakes_ = 0;
  std::atomic<int64_t> company_ = 0;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Intake> intake_;
};

TEST_F(IntakeTest, AnEventIsStoredAsItCame) {
  const Answer answer = Send(Person(8, "e", true)).get();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->outcome, IntakeOutcome::kAccepted);
  EXPECT_EQ(answer->key, "person/8/e");
  EXPECT_EQ(wakes_, 1);
  const auto events = Lease();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].entry.body, Person(8, "e", true));
  EXPECT_EQ(events[0].entry.lane, "person/8");
  EXPECT_EQ(events[0].entry.key, answer->key);
  EXPECT_EQ(events[0].entry.received_at, clock_.Now());
  EXPECT_TRUE(events[0].entry.bulk);
}

TEST_F(IntakeTest, ARepetitionIsSaidSo) {
  Send(Person(8)).get().IgnoreError();
  const Answer answer = Send(Person(8)).get();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->outcome, IntakeOutcome::kDuplicate);
  EXPECT_EQ(answer->key, "person/8/e");
  EXPECT_EQ(wakes_, 1) << "nothing new to do";
  EXPECT_EQ(Lease().size(), 1U);
}

TEST_F(IntakeTest, WhatNothingFollowsFromIsIgnored) {
  for (const std::string object : {"organization", "product", "note"}) {
    std::string body = Person(8);
    body.replace(body.find("person"), 6, object);
    const Answer answer = Send(body).get();
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->outcome, IntakeOutcome::kIgnored) << object;
    EXPECT_THAT(answer->detail, HasSubstr("nothing"));
  }
  EXPECT_TRUE(Lease().empty());
  EXPECT_THAT(Page(), HasSubstr(R"(outcome="ignored",reason="not_configured"} 2)"));
  EXPECT_THAT(Page(), HasSubstr(R"(outcome="ignored",reason="unknown_object"} 1)"));
}

TEST_F(IntakeTest, AnotherCompanysEventIsIgnored) {
  std::string body = Person(1);
  body.insert(body.find(R"("action")"), R"("company_id":"8",)");
  company_ = 7;
  const Answer answer = Send(body).get();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->outcome, IntakeOutcome::kIgnored);
  EXPECT_THAT(answer->detail, HasSubstr("company 8"));
  EXPECT_EQ(Send(Person(2, "untold")).get()->outcome, IntakeOutcome::kAccepted);
  company_ = 8;
  EXPECT_EQ(Send(body).get()->outcome, IntakeOutcome::kAccepted);
}

TEST_F(IntakeTest, WhatIsMalformedIsRefusedAndCounted) {
  for (const std::string body : {"", "{}", "[1]", "{\"meta\":", "\xff\xfe", "{\"topic\":\"x\"}"}) {
    EXPECT_EQ(Send(body).get().status().code(), absl::StatusCode::kInvalidArgument) << body;
  }
  const std::string deep(100'000, '[');
  EXPECT_EQ(Send(deep).get().status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Page(), HasSubstr(R"(outcome="refused",reason="malformed"} 7)"));
}

TEST_F(IntakeTest, AnUnknownConnectionIsNoLabel) {
  const Answer answer = Send(Person(8), false, {}, "sender's choice").get();
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Page(), HasSubstr(R"(connection="",door="http",outcome="refused")"));
  EXPECT_THAT(Page(), Not(HasSubstr("choice")));
}

TEST_F(IntakeTest, AFullStoreIsToldToTheCaller) {
  StalledInbox full;
  intake_ = Make(full);
  auto answer = Send(Person(8));
  full.waiting.at(0)(absl::ResourceExhaustedError("disk full"));
  EXPECT_EQ(answer.get().status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(Page(), HasSubstr(R"(reason="no_room"} 1)"));
  EXPECT_EQ(wakes_, 0);
}

TEST_F(IntakeTest, AWaitingCallerIsAnsweredWhenTheEventIsApplied) {
  auto waiting = Send(Person(8), /*wait=*/true);
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  while (store_->GetQueueDepth("main")->inbox_events == 0) std::this_thread::yield();
  SettleAll();
  while (waiting.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
    clock_.Advance(std::chrono::milliseconds(100));
  }
  const Answer answer = waiting.get();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->outcome, IntakeOutcome::kApplied);
  const Answer again = Send(Person(8), /*wait=*/true).get();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->outcome, IntakeOutcome::kApplied) << "a repetition of what is applied";
}

TEST_F(IntakeTest, AWaitEndsInTime) {
  auto waiting = Send(Person(8), /*wait=*/true);
  while (waiting.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
    clock_.Advance(std::chrono::seconds(1));
  }
  const Answer answer = waiting.get();
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Lease().size(), 1U) << "it is kept";
}

TEST_F(IntakeTest, ACallerThatGoesAwayIsLetGo) {
  std::stop_source caller;
  auto waiting = Send(Person(8), /*wait=*/true, caller.get_token());
  caller.request_stop();
  EXPECT_EQ(waiting.get().status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(Lease().size(), 1U);
}

TEST_F(IntakeTest, OnlySoManyWait) {
  std::vector<std::future<Answer>> waiting;
  for (int i = 0; i < 256; ++i) waiting.push_back(Send(Person(i + 1), /*wait=*/true));
  // All are with the looking thread before the next one asks.
  while (store_->GetQueueDepth("main")->inbox_events < 256) std::this_thread::yield();
  absl::Status refused;
  auto one_more = Send(Person(1000), /*wait=*/true);
  if (one_more.wait_for(std::chrono::seconds(20)) == std::future_status::ready) {
    refused = one_more.get().status();
  }
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(store_->GetQueueDepth("main")->inbox_events, 257) << "stored all the same";
  intake_->EndWaits();
  for (auto& wait : waiting) {
    EXPECT_EQ(wait.get().status().code(), absl::StatusCode::kUnavailable);
  }
}

TEST_F(IntakeTest, StoppingWaitsForTheAnswersUnderWay) {
  StalledInbox inbox;
  intake_ = Make(inbox);
  auto answer = Send(Person(8));
  std::thread stopping([this] { intake_->Stop(); });
  while (inbox.waiting.size() < 2 &&
         Send(Person(9)).wait_for(std::chrono::milliseconds(0)) != std::future_status::ready) {
    if (inbox.waiting.size() > 1) {  // not yet stopping: that one was taken, too
      for (size_t i = 1; i < inbox.waiting.size(); ++i)
        inbox.waiting[i](store::Appended::kAccepted);
      inbox.waiting.resize(1);
    }
  }
  inbox.waiting.at(0)(store::Appended::kAccepted);
  stopping.join();
  EXPECT_TRUE(answer.get().ok());
  EXPECT_EQ(Send(Person(10)).get().status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(IntakeTest, ARereadIsAnEventOfItsRecord) {
  std::promise<absl::StatusOr<store::Appended>> stored;
  intake_->Reread("main", SourceObject::kPerson, "8", "7",
                  [&](absl::StatusOr<store::Appended> outcome) { stored.set_value(outcome); });
  EXPECT_EQ(*stored.get_future().get(), store::Appended::kAccepted);
  const auto events = Lease();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].entry.source, store::EventSource::kReread);
  EXPECT_EQ(events[0].entry.lane, "person/8");
  EXPECT_EQ(wakes_, 1);
}

}  // namespace
}  // namespace connector::worker
