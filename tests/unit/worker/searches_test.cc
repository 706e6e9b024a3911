#include "worker/searches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "base/status.h"
#include "metrics/registry.h"
#include "store/sql_store.h"
#include "support/fake_brevo.h"
#include "support/fake_person_writes.h"
#include "support/fake_pipedrive.h"

namespace connector::worker {
namespace {

using std::chrono::seconds;

// A Pipedrive whose searches a test answers one by one, from its own thread.
class HeldPipedrive : public testing::FakePipedrive {
 public:
  using FakePipedrive::FakePipedrive;

  // One search under way. Ends CANCELLED by itself when it is told to stop.
  struct Call {
    SearchQuery query;
    http::CallContext context;
    std::promise<absl::StatusOr<SearchPage>> answer;
    std::atomic<bool> answered = false;
    void Answer(absl::StatusOr<SearchPage> found) {
      if (!answered.exchange(true)) answer.set_value(std::move(found));
    }
  };

  absl::StatusOr<SearchPage> Search(const SearchQuery& query,
                                    const http::CallContext& context) override {
    const auto call = std::make_shared<Call>();
    call->query = query;
    call->context = context;
    auto outcome = call->answer.get_future();
    {
      const std::lock_guard lock(mutex_);
      calls_.push_back(call);
    }
    changed_.notify_all();
    const std::stop_callback cancel(context.stop,
                                    [&] { call->Answer(absl::CancelledError("stopped")); });
    return outcome.get();
  }

  // The search of this number, waiting until it was begun.
  Call& Await(size_t number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return calls_.size() > number; });
    return *calls_[number];
  }
  size_t begun() {
    const std::lock_guard lock(mutex_);
    return calls_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<Call>> calls_;
};

SearchPage Found(const std::string& id) {
  SearchPage page;
  page.items.emplace_back().id = id;
  return page;
}

class SearchesTest : public ::testing::Test {
 protected:
  struct Caller {
    Searches::Ticket ticket;
    std::shared_ptr<std::promise<absl::StatusOr<SearchPage>>> promise;
    std::shared_future<absl::StatusOr<SearchPage>> outcome;
    // "5" for the item found, else the error.
    std::string Get() const {
      const auto& found = outcome.get();
      return found.ok() ? found->items.at(0).id : std::string(found.status().message());
    }
    absl::Status Status() const { return outcome.get().status(); }
    bool Waits() const { return outcome.wait_for(seconds(0)) != std::future_status::ready; }
  };

  SearchesTest() {
    connections.Add(
        {{}, pipedrive, person_writes, brevo, *storage, clock, log, sync_metrics, phones});
    pool.Start();
  }
  ~SearchesTest() override { pool.Stop(); }

  Caller Ask(const SearchQuery& query, Duration time = seconds(30)) {
    auto promise = std::make_shared<std::promise<absl::StatusOr<SearchPage>>>();
    Caller caller;
    caller.promise = promise;
    caller.outcome = promise->get_future().share();
    caller.ticket = searches.Ask(
        "default", query, clock.Now() + time,
        [promise](const absl::StatusOr<SearchPage>& found) { promise->set_value(found); });
    return caller;
  }

  static std::unique_ptr<store::Store> Open(const Clock& clock) {
    auto opened = store::MakeSqliteStore({":memory:"}, clock);
    return opened.ok() ? *std::move(opened) : nullptr;
  }

  ManualClock clock;
  Logger log{clock, LogLevel::kError};
  metrics::Registry registry;
  metrics::SyncMetrics sync_metrics{registry};
  mapping::PhoneNormalizer phones{"DE"};
  HeldPipedrive pipedrive{clock};
  testing::FakePersonWrites person_writes{pipedrive, clock};
  testing::FakeBrevo brevo{clock};
  const std::unique_ptr<store::Store> storage = Open(clock);
  Connections connections;
  InteractivePool pool{{.threads = 4}, clock};
  Searches searches{connections, pool, clock};
};

TEST_F(SearchesTest, AsksOnBehalfOfItsCaller) {
  const Caller caller = Ask({.term = "ann", .cursor = "n"}, seconds(7));
  HeldPipedrive::Call& call = pipedrive.Await(0);
  EXPECT_EQ(call.query, (SearchQuery{.term = "ann", .cursor = "n"}));
  EXPECT_EQ(call.context.priority, quota::Priority::kInteractive);
  EXPECT_EQ(call.context.deadline, clock.Now() + seconds(7));
  call.Answer(Found("5"));
  EXPECT_EQ(caller.Get(), "5");
}

TEST_F(SearchesTest, EqualQueriesAtOneTimeAreOneCall) {
  const Caller first = Ask({.term = "Ann"});
  HeldPipedrive::Call& call = pipedrive.Await(0);
  std::vector<Caller> others;
  for (int i = 0; i < 20; ++i) others.push_back(Ask({.term = "aNN"}));
  call.Answer(Found("5"));
  EXPECT_EQ(first.Get(), "5");
  for (const Caller& other : others) EXPECT_EQ(other.Get(), "5");
  EXPECT_EQ(pipedrive.begun(), 1u);
}

TEST_F(SearchesTest, WhatDiffersIsAskedForItself) {
  const SearchQuery queries[] = {
      {.term = "ann"}, {.term = "ann", .cursor = "n"}, {.term = "ann", .exact_match = true}};
  std::vector<Caller> callers;
  for (const SearchQuery& query : queries) callers.push_back(Ask(query));
  for (size_t i = 0; i < 3; ++i) {
    HeldPipedrive::Call& call = pipedrive.Await(i);
    call.Answer(Found(call.query.cursor + (call.query.exact_match ? "exact" : "")));
  }
  EXPECT_EQ(callers[0].Get(), "");
  EXPECT_EQ(callers[1].Get(), "n");
  EXPECT_EQ(callers[2].Get(), "exact");
}

// An answer is not kept: it might be old.
TEST_F(SearchesTest, TheNextQueryIsAskedAnew) {
  const Caller first = Ask({.term = "ann"});
  pipedrive.Await(0).Answer(Found("5"));
  EXPECT_EQ(first.Get(), "5");
  const Caller second = Ask({.term = "ann"});
  pipedrive.Await(1).Answer(Found("6"));
  EXPECT_EQ(second.Get(), "6");
}

TEST_F(SearchesTest, ErrorsGoToAllWhoShare) {
  const Caller first = Ask({.term = "ann"});
  HeldPipedrive::Call& call = pipedrive.Await(0);
  const Caller second = Ask({.term = "ann"});
  call.Answer(absl::InvalidArgumentError("no such field"));
  EXPECT_EQ(first.Status(), absl::InvalidArgumentError("no such field"));
  EXPECT_EQ(second.Status(), absl::InvalidArgumentError("no such field"));
}

TEST_F(SearchesTest, ACallerThatLeavesEndsItsCall) {
  const Caller caller = Ask({.term = "ann"});
  HeldPipedrive::Call& call = pipedrive.Await(0);
  searches.Leave(caller.ticket);
  EXPECT_TRUE(call.context.stop.stop_requested());
  // Who comes now does not share what was given up.
  const Caller next = Ask({.term = "ann"});
  pipedrive.Await(1).Answer(Found("6"));
  EXPECT_EQ(next.Get(), "6");
  EXPECT_TRUE(caller.Waits()) << "nothing is told to one who left";
}

TEST_F(SearchesTest, ACallGoesOnForThoseWhoStay) {
  const Caller first = Ask({.term = "ann"});
  HeldPipedrive::Call& call = pipedrive.Await(0);
  const Caller second = Ask({.term = "ann"});
  searches.Leave(first.ticket);
  EXPECT_FALSE(call.context.stop.stop_requested());
  call.Answer(Found("5"));
  EXPECT_EQ(second.Get(), "5");
  EXPECT_TRUE(first.Waits());
  searches.Leave(second.ticket);  // too late, and harmless
}

TEST_F(SearchesTest, AWaitTooLongForACallerIsToldAtOnce) {
  const Caller patient = Ask({.term = "ann"}, seconds(30));
  HeldPipedrive::Call& call = pipedrive.Await(0);
  const Caller hasty = Ask({.term = "ann"}, seconds(2));
  call.context.waits->OnWait(clock.Now() + seconds(1));
  EXPECT_TRUE(hasty.Waits());
  call.context.waits->OnWait(clock.Now() + seconds(3));
  EXPECT_TRUE(absl::IsResourceExhausted(hasty.Status())) << hasty.Status();
  EXPECT_EQ(RetryAfterOf(hasty.Status()), seconds(3));
  const Caller late = Ask({.term = "ann"}, seconds(2));
  EXPECT_EQ(RetryAfterOf(late.Status()), seconds(3));
  EXPECT_TRUE(patient.Waits());
  call.Answer(Found("5"));
  EXPECT_EQ(patient.Get(), "5");
}

// The one who began had too little time; the other has more.
TEST_F(SearchesTest, WhoHasMoreTimeThanTheFirstIsServedAfterIt) {
  const Caller hasty = Ask({.term = "ann"}, seconds(2));
  HeldPipedrive::Call& call = pipedrive.Await(0);
  const Caller patient = Ask({.term = "ann"}, seconds(30));
  const Caller middle = Ask({.term = "ann"}, seconds(3));
  call.Answer(WithRetryAfter(absl::ResourceExhaustedError("no room in time"), seconds(4)));
  EXPECT_EQ(RetryAfterOf(hasty.Status()), seconds(4));
  EXPECT_EQ(RetryAfterOf(middle.Status()), seconds(4));
  HeldPipedrive::Call& again = pipedrive.Await(1);
  EXPECT_EQ(again.context.deadline, clock.Now() + seconds(30));
  again.Answer(Found("5"));
  EXPECT_EQ(patient.Get(), "5");
}

// More time would not have helped: nothing is asked twice.
TEST_F(SearchesTest, OtherTroubleIsNotTriedAgain) {
  for (const absl::Status& trouble :
       {WithRetryAfter(absl::ResourceExhaustedError("tokens are spent"), std::chrono::hours(5)),
        WithRetryAfter(absl::UnavailableError("circuit open"), seconds(1)),
        absl::FailedPreconditionError("token refused")}) {
    const size_t before = pipedrive.begun();
    const Caller first = Ask({.term = "ann"}, seconds(2));
    HeldPipedrive::Call& call = pipedrive.Await(before);
    const Caller second = Ask({.term = "ann"}, seconds(30));
    call.Answer(trouble);
    EXPECT_EQ(second.Status(), trouble);
    EXPECT_EQ(first.Status(), trouble);
    EXPECT_EQ(pipedrive.begun(), before + 1);
  }
}

TEST_F(SearchesTest, ABusyPoolRefuses) {
  std::vector<Caller> callers;
  for (int i = 0; i < 4; ++i) callers.push_back(Ask({.term = "term" + std::to_string(i)}));
  pipedrive.Await(3);
  for (int i = 4; i < 4 + 256; ++i) callers.push_back(Ask({.term = "term" + std::to_string(i)}));
  const Caller refused = Ask({.term = "one more"});
  EXPECT_TRUE(absl::IsResourceExhausted(refused.Status())) << refused.Status();
  EXPECT_TRUE(RetryAfterOf(refused.Status()).has_value());
  pool.Stop();
  for (const Caller& caller : callers) {
    EXPECT_TRUE(absl::IsUnavailable(caller.Status())) << caller.Status();
    EXPECT_TRUE(RetryAfterOf(caller.Status()).has_value());
  }
  EXPECT_TRUE(absl::IsUnavailable(Ask({.term = "too late"}).Status()));
}

// Callers come, share and leave on many threads; everybody who stays hears once.
TEST_F(SearchesTest, AnyThreadMayAskAndLeave) {
  std::atomic<bool> done = false;
  std::thread answerer([&] {
    for (size_t i = 0; !done; ++i) {
      while (pipedrive.begun() <= i && !done) std::this_thread::yield();
      if (pipedrive.begun() > i) pipedrive.Await(i).Answer(Found("5"));
    }
  });
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        const Caller caller = Ask({.term = "term" + std::to_string(i % 3)});
        if ((i + t) % 3 == 0) {
          searches.Leave(caller.ticket);
        } else {
          EXPECT_EQ(caller.Get(), "5");
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  done = true;
  answerer.join();
}

}  // namespace
}  // namespace connector::worker
