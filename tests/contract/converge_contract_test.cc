#include <set>
#include <thread>

#include "contract/store_contract.h"

namespace connector::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ConvergeContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    lease_ = Start("run");
  }
  int64_t FreeMarks() { return store_->CountMarks(kConnection, "").value_or(-1); }
  int64_t HeldMarks() { return store_->CountMarks(kConnection, "run").value_or(-1); }
  // Marks as something else than the run does, by way of another run.
  void MarkAside(const PersonRow& row) {
    const RunLease other = Start("aside", RunKind::kDeals);
    FoldPersons(other, {row}, /*mark_all=*/true);
    Finish(other);
  }

  // One contact that a run marked and one that anybody may take, both leased by the run's owner for
  // as long as the run.
  void LeaseOneOfEach() {
    MarkAside(MakePerson(1, "free@x.org"));
    FoldPersons(lease_, {MakePerson(2, "held@x.org")});
    EXPECT_THAT(EmailsOf(LeaseAs(lease_.owner)), ElementsAre("free@x.org", "held@x.org"));
  }
  std::vector<ContactBundle> LeaseAs(const std::string& owner) {
    auto bundles = store_->LeaseContacts(kConnection, {.run_id = "run", .with_free = true}, owner,
                                         clock_.Now(), kMinute);
    EXPECT_TRUE(bundles.ok()) << bundles.status();
    return bundles.ok() ? *std::move(bundles) : std::vector<ContactBundle>{};
  }

  RunLease lease_;
};
CONNECTOR_ON_ALL_STORES(ConvergeContract);

class PersistentConvergeContract : public ConvergeContract {};
CONNECTOR_ON_PERSISTENT_STORES(PersistentConvergeContract);

TEST_P(ConvergeContract, AMarkOfARunIsHeldBackUntilTheRunEnds) {
  FoldPersons(lease_, {MakePerson(1, "a@x.org")});
  EXPECT_EQ(HeldMarks(), 1);
  EXPECT_EQ(FreeMarks(), 0);
  EXPECT_THAT(LeaseDirty(""), IsEmpty());
  Finish(lease_);
  EXPECT_EQ(HeldMarks(), 0);
  EXPECT_EQ(FreeMarks(), 1);
  const auto bundles = LeaseDirty("");
  ASSERT_THAT(bundles, SizeIs(1));
  EXPECT_EQ(bundles[0].run_id, "");
}

TEST_P(ConvergeContract, AWrittenPersonIsKeptWithItsContactAndMarksNothing) {
  FoldPersons(lease_, {MakePerson(1, "a@x.org")});
  auto bundles = LeaseDirty("run");
  ASSERT_THAT(bundles, SizeIs(1));
  PersonRow row = MakePerson(1, "a@x.org");
  row.person.last_name = "Written";
  row.person.update_time = clock_.Now();
  ContactState state = bundles[0].state;
  EnsureField(state, "LASTNAME").base = std::string("Written");
  ASSERT_TRUE(store_->KeepPersonWrite(kConnection, row, bundles[0].state, state).ok());
  // The mark is the one that was leased: settling ends it.
  ASSERT_TRUE(store_
                  ->SettleContacts(kConnection, {{.state = state, .version = bundles[0].version}},
                                   {}, nullptr)
                  .ok());
  EXPECT_EQ(HeldMarks(), 0);
  const auto bundle = store_->BundleOfPerson(kConnection, 1);
  ASSERT_TRUE(bundle.ok() && bundle->has_value());
  EXPECT_EQ((*bundle)->persons[0].last_name, "Written");
  EXPECT_EQ((*bundle)->state.fields, state.fields);
  // The webhook of the write tells the same and marks nothing either.
  FoldPersons(lease_, {row});
  EXPECT_EQ(HeldMarks(), 0);
}

TEST_P(ConvergeContract, AnAnswerOlderThanWhatIsStoredIsNotTaken) {
  PersonRow newer = MakePerson(1, "a@x.org");
  newer.person.first_name = "Newer";
  newer.person.update_time = clock_.Now();
  FoldPersons(lease_, {newer});
  const auto bundles = LeaseDirty("run");
  ASSERT_THAT(bundles, SizeIs(1));
  PersonRow answer = newer;
  answer.person.first_name = "Older";
  answer.person.update_time = clock_.Now() - std::chrono::seconds(1);
  ASSERT_TRUE(
      store_->KeepPersonWrite(kConnection, answer, bundles[0].state, bundles[0].state).ok());
  const auto bundle = store_->BundleOfPerson(kConnection, 1);
  ASSERT_TRUE(bundle.ok() && bundle->has_value());
  EXPECT_EQ((*bundle)->persons[0].first_name, "Newer");
}

TEST_P(ConvergeContract, ARunLeasesItsOwnMarks) {
  FoldPersons(lease_, {MakePerson(1, "a@x.org")});
  const auto bundles = LeaseDirty("run");
  ASSERT_THAT(bundles, SizeIs(1));
  EXPECT_EQ(bundles[0].run_id, "run");
  EXPECT_GT(bundles[0].version, 0);
}

TEST_P(ConvergeContract, AHeldMarkThatAnotherMakesTooIsFree) {
  const PersonRow row = MakePerson(1, "a@x.org");
  FoldPersons(lease_, {row});
  MarkAside(row);
  EXPECT_EQ(HeldMarks(), 0);
  EXPECT_THAT(EmailsOf(LeaseDirty("")), ElementsAre("a@x.org"));
}

TEST_P(ConvergeContract, LeasesByKeyFromAfterKeyUpToLimit) {
  FoldPersons(lease_, {MakePerson(1, "a@x.org"), MakePerson(2, "b@x.org"), MakePerson(3, "c@x.org"),
                       MakePerson(4, "d@x.org")});
  const auto page = store_->LeaseContacts(
      kConnection, {.run_id = "run", .after_key = KeyOf("a@x.org"), .limit = 2}, "w", clock_.Now(),
      kMinute);
  ASSERT_OK(page);
  EXPECT_THAT(EmailsOf(*page), ElementsAre("b@x.org", "c@x.org"));
}

TEST_P(ConvergeContract, ALeasedContactIsNotGivenAgainBeforeItsLeaseEnds) {
  FoldPersons(lease_, {MakePerson(1, "a@x.org")});
  EXPECT_THAT(LeaseDirty("run"), SizeIs(1));
  EXPECT_THAT(LeaseDirty("run"), IsEmpty());
  clock_.Advance(kMinute);
  EXPECT_THAT(LeaseDirty("run"), SizeIs(1));
}

TEST_P(ConvergeContract, SettlingWritesTheStateAndClearsTheMark) {
  FoldPersons(lease_, {MakePerson(1, "a@x.org")});
  auto bundles = LeaseDirty("run");
  ASSERT_THAT(bundles, SizeIs(1));
  ContactState& state = bundles[0].state;
  state.brevo_id = 77;
  state.email = "B@x.org";
  state.ext_id = "pd-1-1";
  EnsureField(state, "SMS").unconfirmed = Value("+49 1");
  ASSERT_OK(Settle(bundles[0]));
  EXPECT_EQ(HeldMarks(), 0);
  state.written_at = clock_.Now();  // something is written and not seen yet
  EXPECT_THAT(*store_->GetContacts(kConnection, {state.key, 999}), ElementsAre(state));
  using Kind = Identifier::Kind;
  EXPECT_EQ(KeyOf("a@x.org"), 0);
  EXPECT_EQ(KeyOf("b@x.org"), state.key);
  EXPECT_EQ((*store_->FindContact(kConnection, {Kind::kExtId, "pd-1-1"}))->key, state.key);
  EXPECT_EQ((*store_->FindContact(kConnection, {Kind::kSms, "491"}))->key, state.key);
}

TEST_P(ConvergeContract, SettlingAnOlderVersionKeepsTheMark) {
  FoldPersons(lease_, {MakePerson(1, "a@x.org", 1)});
  const auto first = LeaseDirty("run");
  ASSERT_THAT(first, SizeIs(1));
  FoldPersons(lease_, {MakePerson(1, "a@x.org", 2)});
  EXPECT_THAT(LeaseDirty("run"), IsEmpty()) << "still leased";
  ASSERT_OK(Settle(first[0]));
  EXPECT_EQ(HeldMarks(), 1);
  const auto second = LeaseDirty("run");
  ASSERT_THAT(second, SizeIs(1)) << "the settlement ended the lease";
  EXPECT_GT(second[0].version, first[0].version);
}

TEST_P(ConvergeContract, AVersionIsNeverUsedTwice) {
  const PersonRow row = MakePerson(1, "a@x.org");
  FoldPersons(lease_, {row});
  const auto first = LeaseDirty("run");
  ASSERT_OK(Settle(first[0]));
  FoldPersons(lease_, {row}, /*mark_all=*/true);
  ASSERT_OK(Settle(first[0]));  // comes late
  EXPECT_EQ(HeldMarks(), 1);
}

TEST_P(ConvergeContract, AKeptMarkWaitsForItsRetry) {
  FoldPersons(lease_, {MakePerson(1, "a@x.org", 1)});
  const auto bundles = LeaseDirty("run");
  Settlement settlement{.state = bundles[0].state,
                        .version = bundles[0].version,
                        .released = {},
                        .keep_mark = true,
                        .retry_after = 2 * kMinute};
  ASSERT_OK(store_->SettleContacts(kConnection, {settlement}, {}, nullptr));
  clock_.Advance(kMinute);
  EXPECT_THAT(LeaseDirty("run"), IsEmpty());
  clock_.Advance(kMinute);
  EXPECT_THAT(LeaseDirty("run"), SizeIs(1));
}

TEST_P(ConvergeContract, NewsDoNotWaitForARetry) {
  FoldPersons(lease_, {MakePerson(1, "a@x.org", 1)});
  const auto bundles = LeaseDirty("run");
  Settlement settlement{.state = bundles[0].state,
                        .version = bundles[0].version,
                        .released = {},
                        .keep_mark = true,
                        .retry_after = 2 * kMinute};
  ASSERT_OK(store_->SettleContacts(kConnection, {settlement}, {}, nullptr));
  FoldPersons(lease_, {MakePerson(1, "a@x.org", 2)});
  EXPECT_THAT(LeaseDirty("run"), SizeIs(1));
}

TEST_P(ConvergeContract, SettlementCommitsWithItsProgressOrNotAtAll) {
  FoldPersons(lease_, {MakePerson(1, "a@x.org")});
  const auto bundles = LeaseDirty("run");
  Settlement settlement;
  settlement.state = bundles[0].state;
  settlement.state.brevo_id = 5;
  settlement.version = bundles[0].version;
  RunUpdate update{lease_, {}};
  update.progress.created = 1;

  RunUpdate lost = update;
  lost.lease.owner = "somebody else";
  EXPECT_CODE(store_->SettleContacts(kConnection, {settlement}, {MakeFailure("1")}, &lost),
              kFailedPrecondition);
  EXPECT_EQ(HeldMarks(), 1);
  EXPECT_EQ(ByEmail("a@x.org").brevo_id, 0);
  EXPECT_THAT(*store_->ListFailures(kConnection, "", 0, 10), IsEmpty());
  EXPECT_EQ(store_->GetRun(kConnection, "run")->progress.created, 0);

  ASSERT_OK(store_->SettleContacts(kConnection, {settlement}, {MakeFailure("1")}, &update));
  EXPECT_EQ(HeldMarks(), 0);
  EXPECT_THAT(*store_->ListFailures(kConnection, "", 0, 10), SizeIs(1));
  EXPECT_EQ(store_->GetRun(kConnection, "run")->progress.created, 1);
}

TEST_P(ConvergeContract, AContactThatWasErasedMeanwhileIsNotMadeAgain) {
  Settlement erased;
  erased.state.key = 12345;
  ASSERT_OK(store_->SettleContacts(kConnection, {erased}, {}, nullptr));
  EXPECT_THAT(*store_->GetContacts(kConnection, {12345}), IsEmpty());
}

TEST_P(ConvergeContract, AnIdentifierIsClaimedByOne) {
  FoldPersons(lease_, {MakePerson(1, "a@x.org"), MakePerson(2, "b@x.org")});
  const auto bundles = LeaseDirty("run");
  ASSERT_THAT(bundles, SizeIs(2));
  const Identifier phone{Identifier::Kind::kSms, "491"};
  const int64_t a = bundles[0].state.key;
  const int64_t b = bundles[1].state.key;
  EXPECT_THAT(*store_->ClaimIdentifiers(kConnection, {{a, phone}, {b, phone}, {a, phone}}),
              ElementsAre(true, false, true));
  EXPECT_THAT(*store_->ClaimIdentifiers(kConnection, {{b, {Identifier::Kind::kEmail, "a@x.org"}}}),
              ElementsAre(false));

  Settlement unused;
  unused.state = bundles[0].state;
  unused.version = bundles[0].version;
  unused.released = {phone, {Identifier::Kind::kEmail, "a@x.org"}};
  ASSERT_OK(store_->SettleContacts(kConnection, {unused}, {}, nullptr));
  EXPECT_THAT(*store_->ClaimIdentifiers(kConnection, {{b, phone}}), ElementsAre(true));
  EXPECT_EQ(KeyOf("a@x.org"), a) << "what the state holds is not released";
}

TEST_P(ConvergeContract, AReleasedIdentifierOfAnotherStays) {
  FoldPersons(lease_, {MakePerson(1, "a@x.org"), MakePerson(2, "b@x.org")});
  const auto bundles = LeaseDirty("run");
  Settlement settlement;
  settlement.state = bundles[1].state;
  settlement.version = bundles[1].version;
  settlement.released = {{Identifier::Kind::kEmail, "a@x.org"}};
  ASSERT_OK(store_->SettleContacts(kConnection, {settlement}, {}, nullptr));
  EXPECT_EQ(KeyOf("a@x.org"), bundles[0].state.key);
}

TEST_P(ConvergeContract, TheHeartbeatOfARunProlongsItsContactsToo) {
  LeaseOneOfEach();
  clock_.Advance(kMinute / 2);
  ASSERT_OK(store_->RenewRun(lease_, clock_.Now() + kMinute));
  clock_.Advance(kMinute * 3 / 4);
  EXPECT_THAT(LeaseAs("other"), IsEmpty());
  EXPECT_THAT(LeaseDirty(""), IsEmpty());
  clock_.Advance(kMinute / 4);
  EXPECT_THAT(EmailsOf(LeaseDirty("")), ElementsAre("free@x.org"));
}

// However long its contacts were leased for: nobody works on them any more.
TEST_P(ConvergeContract, WhoTakesARunOverHasItsContactsAtOnce) {
  LeaseOneOfEach();
  ASSERT_OK(store_->LeaseContacts(kConnection, {}, "bystander", clock_.Now(), 10 * kMinute));
  FoldPersons(lease_, {MakePerson(3, "late@x.org")});
  ASSERT_OK(store_->LeaseContacts(kConnection, {.run_id = "run"}, lease_.owner, clock_.Now(),
                                  10 * kMinute));
  clock_.Advance(kMinute / 2);
  EXPECT_THAT(LeaseAs("other"), IsEmpty());
  clock_.Advance(kMinute / 2);
  ASSERT_TRUE(store_->LeaseRun("other", clock_.Now(), kMinute)->has_value());
  EXPECT_THAT(EmailsOf(LeaseAs("other")), ElementsAre("free@x.org", "held@x.org", "late@x.org"));
}

TEST_P(ConvergeContract, ARunThatIsGivenBackGivesItsContactsBack) {
  LeaseOneOfEach();
  ASSERT_OK(store_->ReleaseRun({lease_, {}}));
  EXPECT_THAT(EmailsOf(LeaseAs("other")), ElementsAre("free@x.org", "held@x.org"));
}

TEST_P(ConvergeContract, ARunThatEndsLeavesNoContactLeased) {
  LeaseOneOfEach();
  Finish(lease_, RunState::kCancelled);
  EXPECT_THAT(EmailsOf(LeaseDirty("")), ElementsAre("free@x.org", "held@x.org"));
}

// Only the leases of the run's owner end with it.
TEST_P(ConvergeContract, AnotherOwnersLeaseOutlivesTheRun) {
  MarkAside(MakePerson(1, "free@x.org"));
  ASSERT_THAT(store_->LeaseContacts(kConnection, {}, "bystander", clock_.Now(), kMinute).value(),
              SizeIs(1));
  Finish(lease_);
  EXPECT_THAT(LeaseDirty(""), IsEmpty());
  clock_.Advance(kMinute);
  EXPECT_THAT(LeaseDirty(""), SizeIs(1));
}

TEST_P(PersistentConvergeContract, MarksSurviveACrashWithTheirVersions) {
  FoldPersons(lease_, {MakePerson(1, "a@x.org", 1)});
  const auto before = LeaseDirty("run");
  Reopen();
  FoldPersons(lease_, {MakePerson(1, "a@x.org", 2)});
  clock_.Advance(kMinute);
  const auto after = LeaseDirty("run");
  ASSERT_THAT(after, SizeIs(1));
  EXPECT_GT(after[0].version, before[0].version);
}

TEST_P(ConvergeContract, ThreadsNeverGetTheSameContactTwice) {
  constexpr int kContacts = 600;
  std::vector<PersonRow> page;
  for (int i = 1; i <= kContacts; ++i) {
    page.push_back(MakePerson(i, "p" + std::to_string(i) + "@x.org"));
  }
  FoldPersons(lease_, page);
  Finish(lease_);

  std::mutex mutex;  // guards seen
  std::multiset<int64_t> seen;
  std::unique_ptr<Store> second;  // a second process, where there can be one
  if (backend_->persistent()) second = backend_->Open(clock_).value();
  const auto work = [&](Store& store) {
    while (true) {
      const auto bundles =
          store.LeaseContacts(kConnection, {.run_id = "", .limit = 7}, "w", clock_.Now(), kMinute);
      ASSERT_OK(bundles);
      if (bundles->empty()) return;
      std::vector<Settlement> settlements;
      for (const ContactBundle& bundle : *bundles) {
        Settlement& settlement = settlements.emplace_back();
        settlement.state = bundle.state;
        settlement.version = bundle.version;
      }
      ASSERT_OK(store.SettleContacts(kConnection, settlements, {}, nullptr));
      ASSERT_OK(store.GetQueueDepth(kConnection));
      const std::lock_guard lock(mutex);
      for (const ContactBundle& bundle : *bundles) seen.insert(bundle.state.key);
    }
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] { work(second && i % 2 == 1 ? *second : *store_); });
  }
  threads.clear();
  EXPECT_THAT(seen, SizeIs(kContacts));
  EXPECT_THAT(std::set<int64_t>(seen.begin(), seen.end()), SizeIs(kContacts));
  EXPECT_EQ(FreeMarks(), 0);
}

}  // namespace
}  // namespace connector::store
