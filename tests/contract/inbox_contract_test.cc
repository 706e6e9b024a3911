// How received events are stored, leased and settled; what they commit is in
// ingest_events_contract_test.cc.

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "contract/events_contract.h"

namespace connector::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class InboxContract : public EventsContract {};
CONNECTOR_ON_ALL_STORES(InboxContract);

class PersistentInboxContract : public InboxContract {};
CONNECTOR_ON_PERSISTENT_STORES(PersistentInboxContract);

TEST_P(InboxContract, AnEntryComesBackAsItWasStored) {
  InboxEntry entry = Entry("k", "deal/8", true);
  entry.source = EventSource::kBrevo;
  entry.body = std::string("\0{\"zoë\":1}", 11);
  AppendAll({entry});
  const auto events = Lease();
  ASSERT_THAT(events, SizeIs(1));
  const InboxEntry& got = events[0].entry;
  EXPECT_EQ(got.connection, kConnection);
  EXPECT_EQ(got.source, EventSource::kBrevo);
  EXPECT_EQ(got.key, "k");
  EXPECT_EQ(got.lane, "deal/8");
  EXPECT_EQ(got.received_at, entry.received_at);
  EXPECT_TRUE(got.bulk);
  EXPECT_EQ(got.body, entry.body);
  EXPECT_EQ(events[0].attempts, 1);
}

TEST_P(InboxContract, ARepetitionIsRecognisedBeforeAndAfterItIsSettled) {
  AppendAll({Entry("k")});
  EXPECT_EQ(*Append(Entry("k")), Appended::kDuplicate);
  const auto events = Lease();
  ASSERT_THAT(events, SizeIs(1));
  IngestBatch batch;
  batch.settled = {{events[0].id, {}}};
  ASSERT_OK(FinishBatch(batch));
  EXPECT_EQ(*Append(Entry("k")), Appended::kDuplicate);
  InboxEntry elsewhere = Entry("k");
  elsewhere.connection = "other";
  EXPECT_EQ(*Append(elsewhere), Appended::kAccepted) << "connections share nothing";
  EXPECT_THAT(Lease(), IsEmpty());
}

TEST_P(InboxContract, ManyThreadsShareCommitsAndLoseNothing) {
  constexpr int kThreads = 4;
  constexpr int kEach = 200;
  std::atomic<int> accepted = 0;
  std::atomic<int> duplicates = 0;
  std::atomic<int> answers = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      // All threads append the same keys: each key is taken once.
      for (int i = 0; i < kEach; ++i) {
        store_->AppendInbox(Entry(std::to_string(i), "person/" + std::to_string(i)),
                            [&](const absl::StatusOr<Appended>& outcome) {
                              if (outcome.ok())
                                ++(*outcome == Appended::kAccepted ? accepted : duplicates);
                              if (++answers == kThreads * kEach) answers.notify_all();
                            });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int seen = answers; seen < kThreads * kEach; seen = answers) answers.wait(seen);
  EXPECT_EQ(accepted, kEach);
  EXPECT_EQ(duplicates, (kThreads - 1) * kEach);
  EXPECT_THAT(Lease("a", 1000), SizeIs(kEach));
}

TEST_P(InboxContract, ClosingAnswersWhatIsQueued) {
  std::atomic<int> accepted = 0;
  for (int i = 0; i < 50; ++i) {
    store_->AppendInbox(Entry(std::to_string(i)), [&](const absl::StatusOr<Appended>& outcome) {
      if (outcome.ok()) ++accepted;
    });
  }
  store_.reset();
  EXPECT_EQ(accepted, 50);
  if (!backend_->persistent()) return;
  Reopen();
  EXPECT_THAT(Lease(), SizeIs(50));
}

TEST_P(InboxContract, TheOldestIsLeasedFirstAndBulkLast) {
  AppendAll({Entry("bulk", "person/1", true), Entry("first", "person/2"), Entry("second", "deal/2"),
             Entry("third", "person/3")});
  EXPECT_THAT(KeysOf(Lease("a", 2)), ElementsAre("first", "second"));
  EXPECT_THAT(KeysOf(Lease("b", 5)), ElementsAre("third", "bulk"));
  EXPECT_THAT(Lease("c"), IsEmpty());
}

TEST_P(InboxContract, ALaneIsOneLeasersAndInOrderOfArrival) {
  AppendAll({Entry("a1", "person/1"), Entry("b1", "person/2"), Entry("a2", "person/1")});
  EXPECT_THAT(KeysOf(Lease("a", 2)), ElementsAre("a1", "a2"));
  AppendAll({Entry("a3", "person/1")});
  EXPECT_THAT(KeysOf(Lease("b")), ElementsAre("b1")) << "not what came to a lane that is leased";
}

TEST_P(InboxContract, ASingleChangePullsItsLaneForwardWithoutOvertaking) {
  AppendAll(
      {Entry("other", "person/9", true), Entry("old", "person/1", true), Entry("new", "person/1")});
  EXPECT_THAT(KeysOf(Lease("a", 2)), ElementsAre("old", "new"));
}

TEST_P(InboxContract, ALaneLongerThanTheLimitIsHandledInParts) {
  AppendAll({Entry("1"), Entry("2"), Entry("3")});
  const auto part = Lease("a", 2);
  ASSERT_THAT(KeysOf(part), ElementsAre("1", "2"));
  EXPECT_THAT(Lease("b"), IsEmpty());
  IngestBatch batch;
  batch.settled = {{part[0].id, {}}, {part[1].id, {}}};
  ASSERT_OK(FinishBatch(batch));
  EXPECT_THAT(KeysOf(Lease("b")), ElementsAre("3"));
}

TEST_P(InboxContract, ALeaseIsBoundedInBytes) {
  for (int i = 0; i < 7; ++i) {
    InboxEntry entry = Entry(std::to_string(i), "person/" + std::to_string(i));
    entry.body.assign(size_t{1} << 20, 'x');
    AppendAll({entry});
  }
  EXPECT_THAT(Lease("a"), SizeIs(4));
  EXPECT_THAT(Lease("b"), SizeIs(3));
  InboxEntry huge = Entry("huge", "deal/1");
  huge.body.assign(size_t{5} << 20, 'x');
  AppendAll({huge});
  EXPECT_THAT(Lease("c"), SizeIs(1));
}

TEST_P(InboxContract, SeveralLeasersShareWhatThereIs) {
  constexpr int kEvents = 200;
  for (int i = 0; i < kEvents; ++i) {
    AppendAll({Entry(std::to_string(i), "person/" + std::to_string(i / 2))});
  }
  std::mutex mutex;
  std::map<std::string, std::string> holders;  // of lanes
  int leased = 0;
  std::vector<std::thread> leasers;
  for (const std::string owner : {"a", "b", "c"}) {
    leasers.emplace_back([&, owner] {
      while (true) {
        const auto events = store_->LeaseInbox(kConnection, owner, clock_.Now(), kMinute, 7);
        ASSERT_TRUE(events.ok()) << events.status();
        if (events->empty()) return;
        const std::lock_guard lock(mutex);
        for (const LeasedEvent& event : *events) {
          ++leased;
          EXPECT_EQ(holders.emplace(event.entry.lane, owner).first->second, owner);
        }
      }
    });
  }
  for (std::thread& leaser : leasers) leaser.join();
  // A limit that cuts a lane in two leaves its second event to a later lease.
  EXPECT_EQ(holders.size(), kEvents / 2);
  EXPECT_GT(leased, kEvents / 2);
}

TEST_P(InboxContract, ARetryHoldsItsLaneBackUntilItIsDue) {
  AppendAll({Entry("1"), Entry("2"), Entry("3", "person/2")});
  auto events = Lease("a", 1);
  IngestBatch batch;
  batch.retries = {{events[0].id, clock_.Now() + kMinute}};
  ASSERT_OK(FinishBatch(batch));
  EXPECT_THAT(KeysOf(Lease("b")), ElementsAre("3"));
  ASSERT_OK(store_->RenewInbox(kConnection, "b", clock_.Now() + 2 * kMinute));
  clock_.Advance(kMinute);
  events = Lease("c");
  ASSERT_THAT(KeysOf(events), ElementsAre("1", "2"));
  EXPECT_EQ(events[0].attempts, 2);
  EXPECT_EQ(events[1].attempts, 1) << "only the one that was tried has used an attempt";
}

TEST_P(InboxContract, GivingBackIsNoAttempt) {
  AppendAll({Entry("1")});
  IngestBatch batch;
  batch.retries = {{Lease()[0].id, clock_.Now(), false}};
  ASSERT_OK(FinishBatch(batch));
  EXPECT_EQ(Lease("b").at(0).attempts, 1);
}

TEST_P(InboxContract, ALeaseThatRanOutIsTakenOverAndCounted) {
  AppendAll({Entry("1")});
  const auto lost = Lease("dead");
  AppendAll({Entry("2")});
  clock_.Advance(kMinute);
  const auto events = Lease("b");
  ASSERT_THAT(KeysOf(events), ElementsAre("1", "2"));
  EXPECT_EQ(events[0].attempts, 2) << "so that an event that kills its handler ends";
  EXPECT_EQ(events[1].attempts, 1);

  IngestBatch late = WithPersons({MakePerson(1, "a@x.org")});
  late.settled = {{lost[0].id, {}}};
  EXPECT_CODE(FinishBatch(late, "dead"), kFailedPrecondition);
  EXPECT_EQ(KeyOf("a@x.org"), 0) << "nothing of it is taken";
  late.settled.push_back({events[1].id, {}});
  ASSERT_OK(FinishBatch(late, "b"));
  EXPECT_CODE(FinishBatch(late, "b"), kFailedPrecondition) << "settled before";
}

TEST_P(InboxContract, RenewingKeepsTheLease) {
  AppendAll({Entry("1")});
  const auto events = Lease();
  clock_.Advance(kMinute / 2);
  ASSERT_OK(store_->RenewInbox(kConnection, "a", clock_.Now() + kMinute));
  ASSERT_OK(store_->RenewInbox(kConnection, "b", clock_.Now()));
  clock_.Advance(kMinute / 2);
  EXPECT_THAT(Lease("b"), IsEmpty());
  IngestBatch batch;
  batch.settled = {{events[0].id, {}}};
  ASSERT_OK(FinishBatch(batch));
}

TEST_P(InboxContract, NobodySettlesWhatArrivedAfterItsLease) {
  AppendAll({Entry("1")});
  const auto first = Lease();
  AppendAll({Entry("2")});
  IngestBatch batch;
  batch.settled = {{first[0].id + 1, {}}};
  EXPECT_CODE(FinishBatch(batch), kFailedPrecondition);
}

TEST_P(PersistentInboxContract, WhatIsAcknowledgedIsThereAfterwards) {
  AppendAll({Entry("1"), Entry("2", "person/2")});
  Reopen();
  EXPECT_EQ(*Append(Entry("1")), Appended::kDuplicate);
  EXPECT_THAT(KeysOf(Lease()), ElementsAre("1", "2"));
}

TEST_P(InboxContract, TheDepthAndAgeAreKnown) {
  EXPECT_EQ(Depth().inbox_events, 0);
  EXPECT_EQ(Depth().oldest_inbox, std::nullopt);
  InboxEntry later = Entry("2", "person/2", true);
  later.received_at = Time(2 * kMinute);
  AppendAll({Entry("1"), later});
  EXPECT_EQ(Depth().inbox_events, 2);
  EXPECT_EQ(Depth().oldest_inbox, Time(kMinute));
}

TEST_P(InboxContract, KeysOfSettledEventsAreForgottenAfterAWeek) {
  InboxEntry settled = Entry("settled", "person/1");
  InboxEntry waiting = Entry("waiting", "person/2");
  InboxEntry recent = Entry("recent", "person/3");
  settled.received_at = waiting.received_at = clock_.Now();
  recent.received_at = clock_.Now() + kMinute;
  AppendAll({settled});
  IngestBatch batch;
  batch.settled = {{Lease().at(0).id, {}}};
  AppendAll({waiting, recent});
  ASSERT_OK(FinishBatch(batch));
  clock_.Advance(std::chrono::hours(24 * 7) + kMinute);
  EXPECT_EQ(*store_->Prune(Time{}), 1);
  EXPECT_EQ(StateOf("settled"), EventState::kUnknown);
  EXPECT_EQ(StateOf("waiting"), EventState::kPending);
  EXPECT_EQ(*Append(recent), Appended::kDuplicate);
  EXPECT_EQ(*Append(settled), Appended::kAccepted);
}

TEST_P(InboxContract, AScratchCopyHandlesNoEvents) {
  AppendAll({Entry("1")});
  const auto scratch = store_->MakeScratchCopy(kConnection);
  ASSERT_OK(scratch);
  EXPECT_THAT(*(*scratch)->LeaseInbox(kConnection, "a", clock_.Now(), kMinute, 10), IsEmpty());
  EXPECT_THAT(Lease(), SizeIs(1));
}

}  // namespace
}  // namespace connector::store
