#pragma once

// What the suites of the inbox and the outbox share.

#include <future>

#include "contract/store_contract.h"

namespace connector::store {

class EventsContract : public StoreContract {
 protected:
  static InboxEntry Entry(const std::string& key, const std::string& lane = "person/1",
                          bool bulk = false) {
    InboxEntry entry;
    entry.connection = kConnection;
    entry.key = key;
    entry.lane = lane;
    entry.received_at = Time(kMinute);
    entry.bulk = bulk;
    entry.body = "body of " + key;
    return entry;
  }

  // Appends and waits for the answer.
  absl::StatusOr<Appended> Append(const InboxEntry& entry) {
    std::promise<absl::StatusOr<Appended>> answer;
    store_->AppendInbox(entry, [&answer](absl::StatusOr<Appended> outcome) {
      answer.set_value(std::move(outcome));
    });
    return answer.get_future().get();
  }
  void AppendAll(const std::vector<InboxEntry>& entries) {
    for (const InboxEntry& entry : entries) {
      const auto outcome = Append(entry);
      ASSERT_TRUE(outcome.ok()) << outcome.status();
      ASSERT_EQ(*outcome, Appended::kAccepted) << entry.key;
    }
  }

  std::vector<LeasedEvent> Lease(const std::string& owner = "a", int limit = 100) {
    auto events = store_->LeaseInbox(kConnection, owner, clock_.Now(), kMinute, limit);
    EXPECT_TRUE(events.ok()) << events.status();
    return events.ok() ? *std::move(events) : std::vector<LeasedEvent>{};
  }
  absl::Status FinishBatch(const IngestBatch& batch, const std::string& owner = "a") {
    return store_->FinishIngest(kConnection, owner, batch).status();
  }
  // Appends an event, and finishes it with what `batch` says.
  void Ingest(IngestBatch batch, const std::vector<int64_t>& persons = {}) {
    const std::string key = "ingested " + std::to_string(++ingested_);
    AppendAll({Entry(key, "lane of " + key)});
    for (const LeasedEvent& event : Lease("ingest")) {
      if (event.entry.key == key) batch.settled.push_back({event.id, persons});
    }
    ASSERT_EQ(batch.settled.size(), 1U);
    ASSERT_OK(FinishBatch(batch, "ingest"));
  }
  static IngestBatch WithPersons(std::vector<PersonRow> persons) {
    IngestBatch batch;
    batch.persons = std::move(persons);
    return batch;
  }
  EventState StateOf(const std::string& key) {
    const auto state = store_->GetEventState(kConnection, key);
    EXPECT_TRUE(state.ok()) << state.status();
    return state.value_or(EventState::kUnknown);
  }
  Store::QueueDepth Depth() {
    const auto depth = store_->GetQueueDepth(kConnection);
    EXPECT_TRUE(depth.ok()) << depth.status();
    return depth.value_or(Store::QueueDepth{});
  }
  // Writes every dirty contact.
  void Converge() {
    for (const ContactBundle& bundle : LeaseDirty("")) ASSERT_OK(Settle(bundle));
  }

  int ingested_ = 0;
};

inline std::vector<std::string> KeysOf(const std::vector<LeasedEvent>& events) {
  std::vector<std::string> keys;
  for (const LeasedEvent& event : events) keys.push_back(event.entry.key);
  return keys;
}

}  // namespace connector::store
