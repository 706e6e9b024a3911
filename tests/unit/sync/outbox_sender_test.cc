#include "sync/outbox_sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "support/sync_fixture.h"

namespace connector::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class OutboxSenderTest : public connector::testing::SyncFixture {
 protected:
  void SetUp() override {
    pipedrive.Put(1, "ann@x.io");
    pipedrive.Put(2, "bob@x.io");
    RunAll(Full());
    accounts.emplace(MakeAccounts());
    sender.emplace(*accounts, "me");
    ForgetCalls();
  }

  // An event as ingest leaves it behind.
  void Append(const std::string& key, int64_t person = 1) {
    OutboxEvent event;
    event.key = key;
    event.person_id = person;
    event.name = "deal_updated";
    event.occurred_at = clock.Now() + std::chrono::seconds(appended_++);
    event.event_properties = {{"key", Value{key}}};
    store::IngestBatch batch;
    batch.events.push_back(std::move(event));
    ASSERT_TRUE(store->FinishIngest(settings.connection, "ingest", batch).ok());
  }
  absl::Status Send() { return sender->SendSome({}).status(); }
  absl::Status LookUp() { return sender->LookUp({}).status(); }
  std::vector<std::string> Sent() {
    std::vector<std::string> keys;
    for (const brevo::Event& event : brevo.events) {
      keys.push_back(ToText(event.event_properties.at(0).second));
    }
    return keys;
  }
  int64_t Left() { return store->GetQueueDepth(settings.connection)->outbox_events; }
  // The next call ends without saying whether it took effect.
  void BreakOff(bool arrives) {
    const auto fail = [left = 1](const std::string& call) mutable -> absl::Status {
      if (!call.starts_with("event") || left-- <= 0) return absl::OkStatus();
      return WithReaction(absl::UnavailableError("broken off"), Reaction::kAmbiguous);
    };
    (arrives ? brevo.after_call : brevo.on_call) = fail;
  }

  std::optional<Accounts> accounts;
  std::optional<OutboxSender> sender;

 private:
  int appended_ = 0;
};

TEST_F(OutboxSenderTest, SendsEachOnceInTheirOrder) {
  Append("a");
  Append("b");
  Append("a");
  ASSERT_TRUE(Send().ok());
  EXPECT_THAT(Sent(), ElementsAre("a", "b"));
  EXPECT_NE(brevo.events[0].contact_id, 0) << "by the number Brevo gave";
  ASSERT_TRUE(Send().ok());
  EXPECT_THAT(Sent(), SizeIs(2));
  EXPECT_EQ(Left(), 0);
}

TEST_F(OutboxSenderTest, WaitsForTheWriteOfTheContact) {
  Append("a");
  const auto contact =
      store->FindContact(settings.connection, {Identifier::Kind::kEmail, "ann@x.io"});
  ASSERT_TRUE(
      store->MarkContacts(settings.connection, {(*contact)->key}, store::Urgency::kPrompt).ok());
  ASSERT_TRUE(Send().ok());
  EXPECT_THAT(Sent(), IsEmpty());
}

TEST_F(OutboxSenderTest, ABacklogGoesTogether) {
  for (int i = 0; i < 120; ++i) Append(absl::StrCat("k", i), 1 + i % 2);
  const auto more = sender->SendSome({});
  ASSERT_TRUE(more.ok() && *more);
  EXPECT_THAT(Sent(), SizeIs(100));
  EXPECT_THAT(brevo.calls, SizeIs(1));
  ASSERT_TRUE(Send().ok());
  EXPECT_THAT(Sent(), SizeIs(120));
}

TEST_F(OutboxSenderTest, WithoutRoomForABatchTheyGoOneByOne) {
  for (int i = 0; i < 100; ++i) Append(absl::StrCat("k", i));
  brevo.on_call = [](const std::string& call) -> absl::Status {
    if (call.starts_with("events")) return absl::ResourceExhaustedError("no room");
    return absl::OkStatus();
  };
  ASSERT_TRUE(Send().ok());
  EXPECT_THAT(Sent(), SizeIs(100));
}

TEST_F(OutboxSenderTest, OneThatArrivedAfterAllIsNotSentAgain) {
  Append("a");
  BreakOff(/*arrives=*/true);
  ASSERT_TRUE(Send().ok());
  ASSERT_TRUE(Send().ok()) << "it is parked, not due";
  EXPECT_THAT(Sent(), ElementsAre("a"));
  clock.Advance(std::chrono::minutes(1));
  ASSERT_TRUE(LookUp().ok());
  EXPECT_EQ(Left(), 0);
  ASSERT_TRUE(Send().ok());
  EXPECT_THAT(Sent(), ElementsAre("a"));
}

TEST_F(OutboxSenderTest, OneThatIsNotFoundThriceIsSentAgain) {
  Append("a");
  BreakOff(/*arrives=*/false);
  ASSERT_TRUE(Send().ok());
  for (int look = 0; look < 3; ++look) {
    EXPECT_THAT(Sent(), IsEmpty());
    clock.Advance(std::chrono::minutes(5));
    ASSERT_TRUE(LookUp().ok());
  }
  ASSERT_TRUE(Send().ok());
  EXPECT_THAT(Sent(), ElementsAre("a"));
  EXPECT_EQ(Left(), 0);
}

TEST_F(OutboxSenderTest, AnIntentOfAProcessThatDiedIsLookedUp) {
  Append("a");
  const auto leased = store->LeaseOutbox(settings.connection, "dead", clock.Now(), kLease, 10);
  ASSERT_TRUE(leased.ok() && leased->size() == 1);
  ASSERT_TRUE(
      store->MarkOutboxIntent(settings.connection, "dead", {leased->at(0).id}, clock.Now()).ok());
  clock.Advance(kLease * 2);
  ASSERT_TRUE(Send().ok());
  EXPECT_THAT(Sent(), IsEmpty());
  ASSERT_TRUE(LookUp().ok());
  EXPECT_EQ(brevo.CountCalls("list events"), 1) << ::testing::PrintToString(brevo.calls);
}

TEST_F(OutboxSenderTest, ARefusedOneIsAFailureAndTheOthersGoOn) {
  Append("a");
  Append("b", 2);
  bool refused = false;
  brevo.on_call = [&refused](const std::string& call) -> absl::Status {
    if (!call.starts_with("event") || std::exchange(refused, true)) return absl::OkStatus();
    return WithReaction(absl::InvalidArgumentError("no"), Reaction::kFailRecord);
  };
  ASSERT_TRUE(Send().ok());
  EXPECT_THAT(Sent(), ElementsAre("b"));
  ASSERT_THAT(Failures(), SizeIs(1));
  EXPECT_EQ(Failures()[0].reason, FailureReason::kRejectedByBrevo);
  EXPECT_EQ(Failures()[0].entity_id, "a");
}

TEST_F(OutboxSenderTest, TroubleWithTheAccountLosesNothing) {
  Append("a");
  Append("b", 2);
  brevo.on_call = [](const std::string&) {
    return WithReaction(absl::UnavailableError("down"), Reaction::kRetry);
  };
  EXPECT_TRUE(absl::IsUnavailable(Send()));
  brevo.on_call = nullptr;
  ASSERT_TRUE(Send().ok());
  EXPECT_THAT(Sent(), ElementsAre("a", "b"));
}

TEST_F(OutboxSenderTest, AnEventOfAPersonWithoutContactIsAFailure) {
  Append("a", 77);
  ASSERT_TRUE(Send().ok());
  EXPECT_THAT(Sent(), IsEmpty());
  ASSERT_THAT(Failures(), SizeIs(1));
  EXPECT_EQ(Failures()[0].reason, FailureReason::kNotFound);
  EXPECT_EQ(Left(), 0);
}

}  // namespace
}  // namespace connector::sync
