#include "http/pausing_caller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "base/status.h"
#include "support/fake_caller.h"

namespace connector::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr quota::Operation kRead{.name = "persons.list"};
constexpr auto kPause = std::chrono::minutes(1);

absl::Status Refused() {
  return WithReaction(absl::FailedPreconditionError("the key is refused: mend it"),
                      Reaction::kPauseAccount);
}

class PausingCallerTest : public ::testing::Test {
 protected:
  absl::Status Call() {
    return caller.Call(kRead, {}, {}, [](const Response&) { return absl::OkStatus(); }).status();
  }

  ManualClock clock;
  std::vector<std::string> lines;
  Logger log{clock, LogLevel::kInfo, [this](std::string_view line) { lines.emplace_back(line); }};
  testing::FakeCaller inner;
  PausingCaller caller{{.api = "brevo", .connection = "shop", .pause = kPause}, inner, clock, log};
};

TEST_F(PausingCallerTest, PassesAnswersOn) {
  inner.Answer(200, "{}");
  EXPECT_TRUE(Call().ok());
  EXPECT_TRUE(caller.Health().ok());
  EXPECT_THAT(inner.calls(), SizeIs(1));
  EXPECT_THAT(lines, IsEmpty());
}

TEST_F(PausingCallerTest, RestsAfterARefusal) {
  inner.Fail(Refused());
  EXPECT_EQ(Call(), Refused());
  EXPECT_EQ(caller.Health(), Refused());
  clock.Advance(std::chrono::seconds(20));
  const absl::Status resting = Call();
  EXPECT_EQ(resting.code(), Refused().code());
  EXPECT_EQ(resting.message(), Refused().message());
  EXPECT_EQ(ReactionOf(resting), Reaction::kPauseAccount);
  EXPECT_EQ(RetryAfterOf(resting), std::chrono::seconds(40));
  EXPECT_THAT(inner.calls(), SizeIs(1));
}

TEST_F(PausingCallerTest, ARefusalThatNamesATimeIsTakenAtItsWord) {
  inner.Fail(WithRetryAfter(Refused(), std::chrono::minutes(5)));
  EXPECT_FALSE(Call().ok());
  clock.Advance(std::chrono::minutes(5) - std::chrono::microseconds(1));
  EXPECT_EQ(RetryAfterOf(Call()), std::chrono::microseconds(1));
  EXPECT_THAT(inner.calls(), SizeIs(1));
  clock.Advance(std::chrono::microseconds(1));
  inner.Answer(200, "{}");
  EXPECT_TRUE(Call().ok());
}

TEST_F(PausingCallerTest, ResumesWithTheFirstGoodAnswer) {
  inner.Fail(Refused());
  EXPECT_FALSE(Call().ok());
  clock.Advance(kPause);
  inner.Answer(200, "{}");
  EXPECT_TRUE(Call().ok());
  EXPECT_TRUE(caller.Health().ok());
  inner.Answer(200, "{}");
  EXPECT_TRUE(Call().ok());
  EXPECT_THAT(inner.calls(), SizeIs(3));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("account paused"), HasSubstr("account works again")));
  EXPECT_THAT(lines[0], HasSubstr("\"brevo\""));
  EXPECT_THAT(lines[0], HasSubstr("\"shop\""));
  EXPECT_THAT(lines[0], HasSubstr("mend it"));
}

TEST_F(PausingCallerTest, RestsAgainWhileItIsRefusedAndSaysSoOnce) {
  for (int i = 0; i < 3; ++i) {
    inner.Fail(Refused());
    EXPECT_FALSE(Call().ok());
    EXPECT_FALSE(Call().ok());
    clock.Advance(kPause);
  }
  EXPECT_THAT(inner.calls(), SizeIs(3));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("account paused")));
}

TEST_F(PausingCallerTest, OtherErrorsPauseNothing) {
  for (const Reaction reaction :
       {Reaction::kNone, Reaction::kRetry, Reaction::kRepair, Reaction::kConflict, Reaction::kGone,
        Reaction::kFailRecord, Reaction::kAmbiguous}) {
    inner.Fail(WithReaction(absl::UnavailableError("passing"), reaction));
    EXPECT_FALSE(Call().ok());
    EXPECT_TRUE(caller.Health().ok()) << ReactionName(reaction);
  }
  EXPECT_THAT(inner.calls(), SizeIs(7));
}

// Neither an answer nor a refusal: the account may still be refused.
TEST_F(PausingCallerTest, AnOutageDoesNotEndTheTrouble) {
  inner.Fail(Refused());
  EXPECT_FALSE(Call().ok());
  clock.Advance(kPause);
  inner.Fail(WithReaction(absl::UnavailableError("no route"), Reaction::kRetry));
  EXPECT_EQ(Call().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(caller.Health(), Refused());
  inner.Answer(200, "{}");
  EXPECT_TRUE(Call().ok());
  EXPECT_TRUE(caller.Health().ok());
}

// Holds the first call back until it is told its outcome; later calls are answered at once.
class Holding : public Caller {
 public:
  absl::StatusOr<Response> Call(const quota::Operation&, const Request&, const CallContext&,
                                const Classifier&) override {
    if (calls++ > 0) return Response{.status = 200};
    entered.set_value();
    const absl::Status outcome = held.get_future().get();
    if (!outcome.ok()) return outcome;
    return Response{.status = 200};
  }

  std::atomic<int> calls{0};
  std::promise<void> entered;
  std::promise<absl::Status> held;
};

class PausingCallerProbeTest : public ::testing::TestWithParam<absl::Status> {};

// Everybody waited for the end of the pause; one finds out for all.
TEST_P(PausingCallerProbeTest, OneCallSeesWhetherThePauseIsOver) {
  ManualClock clock;
  const Logger log(clock, LogLevel::kError, [](std::string_view) {});
  class Switching : public Caller {
   public:
    absl::StatusOr<Response> Call(const quota::Operation& operation, const Request& request,
                                  const CallContext& context, const Classifier& classify) override {
      if (refuse) return Refused();
      return holding.Call(operation, request, context, classify);
    }
    bool refuse = true;
    Holding holding;
  } inner;
  PausingCaller caller({.api = "brevo", .connection = "shop", .pause = kPause}, inner, clock, log);
  const auto call = [&caller] {
    return caller.Call(kRead, {}, {}, [](const Response&) { return absl::OkStatus(); }).status();
  };
  EXPECT_FALSE(call().ok());
  inner.refuse = false;
  clock.Advance(kPause);
  absl::Status probe_outcome;
  std::thread probe([&] { probe_outcome = call(); });
  inner.holding.entered.get_future().wait();
  for (int i = 0; i < 3; ++i) {
    const absl::Status held_up = call();
    EXPECT_EQ(held_up.message(), Refused().message());
    EXPECT_EQ(ReactionOf(held_up), Reaction::kPauseAccount);
    EXPECT_EQ(RetryAfterOf(held_up), std::chrono::seconds(1));
  }
  EXPECT_EQ(inner.holding.calls, 1);
  inner.holding.held.set_value(GetParam());
  probe.join();
  EXPECT_EQ(probe_outcome, GetParam());
  // Good: all may go. Refused again: all rest. Nothing learnt: the next one sees.
  const bool rests = ReactionOf(GetParam()) == Reaction::kPauseAccount;
  EXPECT_EQ(call().ok(), !rests);
  EXPECT_EQ(inner.holding.calls, rests ? 1 : 2);
  EXPECT_EQ(caller.Health().ok(), !rests);
}

INSTANTIATE_TEST_SUITE_P(Outcomes, PausingCallerProbeTest,
                         ::testing::Values(absl::OkStatus(), Refused(),
                                           absl::UnavailableError("no route"),
                                           absl::CancelledError("stopped")));

// Answers every second call, from any thread.
class Flickering : public Caller {
 public:
  absl::StatusOr<Response> Call(const quota::Operation&, const Request&, const CallContext&,
                                const Classifier&) override {
    if (calls_++ % 2 == 0) return Refused();
    return Response{.status = 200};
  }

 private:
  std::atomic<int> calls_{0};
};

TEST(PausingCallerThreads, AnyThreadMayCall) {
  ManualClock clock;
  const Logger log(clock, LogLevel::kError, [](std::string_view) {});
  Flickering inner;
  PausingCaller caller({.api = "brevo", .connection = "shop", .pause = kPause}, inner, clock, log);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const auto answer =
            caller.Call(kRead, {}, {}, [](const Response&) { return absl::OkStatus(); });
        EXPECT_TRUE(answer.ok() || ReactionOf(answer.status()) == Reaction::kPauseAccount);
        caller.Health().IgnoreError();
        clock.Advance(kPause);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace connector::http
