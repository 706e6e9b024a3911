#include "worker/failure_retries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metrics/registry.h"
#include "store/sql_store.h"

namespace connector::worker {
namespace {

class FailureRetriesTest : public testing::Test {
 protected:
  FailureRetriesTest() : store_(*store::MakeSqliteStore({":memory:"}, clock_)) {
    std::map<std::string, Intake::Source, std::less<>> sources;
    sources["main"] = {};
    intake_.emplace(std::move(sources), *store_, clock_, metrics_);
    retries_.emplace(*store_, *intake_);
  }
  void Fail(const std::string& entity, const std::string& id, int times = 1) {
    std::vector<Failure> failures(static_cast<size_t>(times));
    for (Failure& failure : failures) {
      failure.entity = entity;
      failure.entity_id = id;
    }
    ASSERT_TRUE(store_->RecordFailures("main", failures).ok());
  }
  int64_t RetryAll() {
    const auto retried = retries_->Retry("main", "", [](const Failure&) { return true; });
    EXPECT_TRUE(retried.ok()) << retried.status();
    return retried.value_or(-1);
  }
  std::vector<std::string> Lanes() {
    std::vector<std::string> lanes;
    for (const auto& event :
         *store_->LeaseInbox("main", "w", clock_.Now(), std::chrono::minutes(1), 10'000)) {
      EXPECT_EQ(event.entry.source, store::EventSource::kReread);
      lanes.push_back(event.entry.lane);
    }
    return lanes;
  }
  size_t Left() { return store_->ListFailures("main", "", 0, 10'000)->size(); }

  ManualClock clock_;
  metrics::Registry registry_;
  metrics::WebhookMetrics metrics_{registry_};
  std::unique_ptr<store::Store> store_;
  std::optional<Intake> intake_;
  std::optional<FailureRetries> retries_;
};

TEST_F(FailureRetriesTest, ARecordIsReadAgainOnceHoweverOftenItFailed) {
  Fail("person", "42", 3);
  Fail("deal", "7");
  Fail("event", "lead/6f9619ff");
  EXPECT_EQ(RetryAll(), 3);
  EXPECT_THAT(Lanes(), testing::UnorderedElementsAre("person/42", "deal/7", "lead/6f9619ff"));
  EXPECT_EQ(Left(), 0U);
  EXPECT_EQ(RetryAll(), 0);
  Fail("person", "42");
  EXPECT_EQ(RetryAll(), 1) << "a new failure is a new wish";
}

TEST_F(FailureRetriesTest, ARefusedBrevoEventIsItsRecords) {
  Fail("event", "activity/12/added/2026-11-24T08:00:00Z/activity_logged/7");
  Fail("activity", "13");
  EXPECT_EQ(RetryAll(), 2);
  EXPECT_THAT(Lanes(), testing::UnorderedElementsAre("activity/12", "activity/13"));
}

TEST_F(FailureRetriesTest, OnlyWhatMatchesIsTaken) {
  Fail("person", "1");
  Fail("person", "2");
  const auto retried =
      retries_->Retry("main", "", [](const Failure& failure) { return failure.entity_id == "2"; });
  EXPECT_EQ(*retried, 1);
  EXPECT_THAT(Lanes(), testing::ElementsAre("person/2"));
  EXPECT_EQ(Left(), 1U);
}

TEST_F(FailureRetriesTest, AContactIsConvergedAgain) {
  connector::Run run;
  run.id = "r";
  run.connection = "main";
  ASSERT_TRUE(store_->SubmitRun(run).ok());
  ASSERT_TRUE(store_->LeaseRun("w", clock_.Now(), std::chrono::minutes(1)).ok());
  store::PersonRow row;
  row.person.id = 1;
  row.email = "a@x.org";
  ASSERT_TRUE(
      store_->FinishPersonsPage({{"main", "r", "w"}, {}}, {}, {row}, Existence::kAbsent, false)
          .ok());
  ASSERT_TRUE(
      store_->FinishRun({{"main", "r", "w"}, {}}, RunState::kSucceeded, "", clock_.Now()).ok());
  EXPECT_EQ(store_->CountLiveMarks("main", clock_.Now())->prompt, 0);
  Fail("contact", "A@x.org", 2);
  Fail("contact", "nobody@x.org");
  EXPECT_EQ(RetryAll(), 1);
  EXPECT_EQ(store_->CountLiveMarks("main", clock_.Now())->prompt, 1);
  EXPECT_EQ(Left(), 1U) << "nothing can be done about the other";
}

TEST_F(FailureRetriesTest, ManyPagesAreWorkedOff) {
  for (int i = 1; i <= 1'201; ++i) Fail("person", std::to_string(i));
  EXPECT_EQ(RetryAll(), 1'201);
  EXPECT_EQ(store_->GetQueueDepth("main")->inbox_events, 1'201);
  EXPECT_EQ(Left(), 0U);
}

}  // namespace
}  // namespace connector::worker
