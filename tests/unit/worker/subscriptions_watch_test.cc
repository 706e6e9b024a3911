#include "worker/subscriptions_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_webhooks.h"
#include "support/sync_fixture.h"

namespace connector::worker {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kUrl = "https://sync.example.com/webhooks/pipedrive";

class SubscriptionsWatchTest : public connector::testing::SyncFixture {
 protected:
  SubscriptionsWatchTest() {
    settings.connection = "main";
    settings.event_rules.rules = {
        {SourceAction::kChanged, SourceObject::kPerson, "contact_updated"}};
    connections.Add(MakeAccounts());
    subscriptions.Add("main", fake, {kUrl, {"person"}, "pipedrive", Secret("s3cr3t")});
  }
  pipedrive::Subscription& PutGood() {
    pipedrive::Subscription& one = fake.Put("*", "person", kUrl);
    one.add_time = clock.Now();
    return one;
  }
  // An incremental run that wrote `updated` contacts and has ended.
  void FinishRun(int64_t updated) {
    ASSERT_TRUE(runs.Submit("main", RunKind::kPersons, {}).ok());
    const auto session = TakeRun();
    session->progress().updated = updated;
    End(*session, RunState::kSucceeded);
  }
  size_t Queued() {
    size_t queued = 0;
    for (const connector::Run& run : *runs.List("main", 100)) queued += IsFinal(run.state) ? 0 : 1;
    return queued;
  }
  // What the inbox is to read again.
  std::vector<std::string> QueuedRecords() {
    std::vector<std::string> lanes;
    for (const auto& event : *store->LeaseInbox("main", "w", clock.Now(), minutes(1), 100)) {
      EXPECT_EQ(event.entry.source, store::EventSource::kReread);
      lanes.push_back(event.entry.lane);
    }
    return lanes;
  }
  Duration Tick() {
    fake.calls.clear();
    return watch.Tick({});
  }

  SeededRandom random{1};
  Connections connections;
  Runs runs{*store, connections, clock, random};
  connector::testing::FakeWebhooks fake;
  sync::Subscriptions subscriptions;
  SubscriptionsWatch watch{subscriptions, connections, runs, clock, log};
};

TEST_F(SubscriptionsWatchTest, WhatIsAsItShouldBeCostsOneLook) {
  PutGood();
  EXPECT_EQ(Tick(), minutes(15));
  EXPECT_THAT(fake.calls, ElementsAre("list"));
  EXPECT_EQ(Queued(), 0u);
}

TEST_F(SubscriptionsWatchTest, TheFirstOnesAreMadeWithoutARun) {
  Tick();
  EXPECT_THAT(fake.calls, ElementsAre("list", "create *.person"));
  EXPECT_EQ(Queued(), 0u);
}

TEST_F(SubscriptionsWatchTest, WhatWasRemovedIsMadeAnewAndTheGapIsRead) {
  FinishRun(0);
  Tick();
  EXPECT_THAT(fake.calls, ElementsAre("list", "create *.person"));
  EXPECT_EQ(Queued(), 1u);
  const auto submitted = runs.List("main", 1);
  EXPECT_TRUE(submitted->front().scheduled);
  EXPECT_EQ(submitted->front().options.mode, RunMode::kIncremental);
}

TEST_F(SubscriptionsWatchTest, WhatWasMissedIsTold) {
  pipedrive.Put(1, "ann@x.io", "Ann");
  PutGood();
  Tick();
  EXPECT_THAT(QueuedRecords(), IsEmpty());
  clock.Advance(hours(10));
  fake.held.clear();
  pipedrive.Put(2, "bob@x.io", "Bob");
  pipedrive.persons.at(2).update_time = clock.Now();
  pipedrive.persons.at(1).update_time = clock.Now() - hours(11);
  Tick();
  EXPECT_THAT(QueuedRecords(), ElementsAre("person/2"));
  PutGood();
  Tick();
  clock.Advance(minutes(2));
  EXPECT_THAT(QueuedRecords(), ElementsAre("person/2")) << "once";
}

TEST_F(SubscriptionsWatchTest, AListThatFailsIsMadeGoodByTheNextLook) {
  PutGood();
  Tick();
  clock.Advance(hours(1));
  fake.held.clear();
  pipedrive.Put(2, "bob@x.io", "Bob");
  pipedrive.persons.at(2).update_time = clock.Now();
  pipedrive.on_call = [](const std::string&) { return absl::UnavailableError("down"); };
  EXPECT_EQ(Tick(), minutes(1));
  pipedrive.on_call = nullptr;
  Tick();
  EXPECT_THAT(QueuedRecords(), ElementsAre("person/2"));
}

TEST_F(SubscriptionsWatchTest, AFailingOneIsGivenTimeForItsAttemptsAndThenReplaced) {
  FinishRun(0);
  pipedrive::Subscription& one = PutGood();
  one.last_delivery_time = clock.Now();
  one.last_http_status = 503;
  Tick();
  EXPECT_THAT(fake.calls, ElementsAre("list"));
  clock.Advance(minutes(6));
  Tick();
  EXPECT_THAT(fake.calls, ElementsAre("list", "create *.person", "delete 1"));
  EXPECT_EQ(Queued(), 1u);
  Tick();
  EXPECT_THAT(fake.calls, ElementsAre("list"));
}

TEST_F(SubscriptionsWatchTest, SilenceIsTroubleOnlyWhereRecordsChange) {
  FinishRun(0);
  PutGood().last_delivery_time = clock.Now();
  fake.held[0].last_http_status = 200;
  clock.Advance(hours(12));
  FinishRun(0);
  Tick();
  EXPECT_THAT(fake.calls, ElementsAre("list"));
  FinishRun(1);
  Tick();
  EXPECT_THAT(fake.calls, ElementsAre("list", "create *.person", "delete 1"));
  fake.held[0].add_time = clock.Now();
  Tick();
  EXPECT_THAT(fake.calls, ElementsAre("list"));
}

TEST_F(SubscriptionsWatchTest, AnAccountThatCannotBeAskedIsAskedAgainSoonerButLessAndLessOften) {
  fake.on_call = [](const std::string&) { return absl::UnavailableError("down"); };
  EXPECT_EQ(Tick(), minutes(1));
  EXPECT_EQ(Tick(), minutes(2));
  for (int i = 0; i < 50; ++i) Tick();
  EXPECT_EQ(Tick(), minutes(15));
  EXPECT_EQ(Queued(), 0u);
  fake.on_call = nullptr;
  EXPECT_EQ(Tick(), minutes(15));
  EXPECT_EQ(fake.held.size(), 1u);
}

TEST_F(SubscriptionsWatchTest, ADryRunOnlyPlans) {
  const auto report = subscriptions.Ensure("", /*dry_run=*/true, {});
  ASSERT_TRUE(report.ok());
  EXPECT_THAT(fake.calls, ElementsAre("list"));
  ASSERT_EQ(report->steps.size(), 1u);
  EXPECT_EQ(report->steps[0].event, "*.person");
}

TEST_F(SubscriptionsWatchTest, WithoutAnAddressNothingIsAsked) {
  sync::Subscriptions others;
  others.Add("plain", fake, {});
  SubscriptionsWatch idle(others, connections, runs, clock, log);
  idle.Tick({});
  EXPECT_THAT(fake.calls, IsEmpty());
  const auto report = others.Ensure("plain", false, {});
  ASSERT_TRUE(report.ok());
  EXPECT_THAT(report->warnings, ElementsAre(HasSubstr("public_url")));
  EXPECT_TRUE(absl::IsNotFound(others.Ensure("nobody", false, {}).status()));
}

}  // namespace
}  // namespace connector::worker
