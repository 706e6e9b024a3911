#include "sync/pipedrive_ingest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "base/time_format.h"
#include "support/sync_fixture.h"

namespace connector::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PipedriveIngestTest : public connector::testing::SyncFixture {
 protected:
  void SetUp() override {
    settings.event_rules.rules = {
        {SourceAction::kCreated, SourceObject::kPerson, "contact_created"},
        {SourceAction::kChanged, SourceObject::kPerson, "contact_updated"},
        {SourceAction::kDeleted, SourceObject::kPerson, "contact_deleted"},
        {SourceAction::kMerged, SourceObject::kPerson, "contact_merged"},
        {SourceAction::kChanged, SourceObject::kDeal, "deal_updated"},
        {SourceAction::kCreated, SourceObject::kActivity, "activity_logged"}};
    pipedrive.Put(1, "ann@x.io", "Ann");
    pipedrive.Put(2, "bob@x.io", "Bob");
    RunAll(Full());
    Begin();
  }
  void Begin() {
    accounts.emplace(MakeAccounts());
    plannings.emplace(*accounts);
    ForgetCalls();
  }

  std::string At(int seconds) {
    return FormatSeconds(std::chrono::floor<std::chrono::seconds>(clock.Now()) +
                         std::chrono::seconds(seconds));
  }
  // A change of a person `seconds` from now, as a webhook of version 2.
  std::string Change(int64_t id, const std::string& name, int seconds,
                     const std::string& action = "change", const std::string& meta = "") {
    const std::string record = absl::StrCat(
        R"({"id":)", id, R"(,"first_name":")", name, R"(","name":")", name,
        R"( X","emails":[{"value":"p)", id, R"(@x.io","primary":true,"label":"work"}],)",
        R"("phones":[],"org_id":null,"custom_fields":{},"update_time":")", At(seconds), R"("})");
    return absl::StrCat(R"({"meta":{"version":"2.0","action":")", action,
                        R"(","entity":"person","company_id":"7","entity_id":")", id, R"(","id":"e)",
                        ++events_, R"(","timestamp":")", At(seconds), R"(")", meta, R"(},"data":)",
                        action == "delete" ? "null" : record, R"(,"previous":)",
                        action == "delete" ? record : "{}", "}");
  }
  static std::string Hint(int64_t id) {
    return absl::StrCat(R"({"topic":"person.updated","payload":{"personId":)", id, "}}");
  }

  store::LeasedEvent Leased(std::string body, bool bulk = false) {
    store::LeasedEvent event;
    event.id = ++leased_;
    event.entry.body = std::move(body);
    event.entry.bulk = bulk;
    return event;
  }
  absl::StatusOr<store::IngestBatch> TryHandle(const std::vector<std::string>& bodies) {
    std::vector<store::LeasedEvent> events;
    for (const std::string& body : bodies) events.push_back(Leased(body));
    return PipedriveIngest(*accounts, *plannings).Handle(events, {});
  }
  store::IngestBatch Handle(const std::vector<std::string>& bodies) {
    auto batch = TryHandle(bodies);
    EXPECT_TRUE(batch.ok()) << batch.status();
    return batch.ok() ? *std::move(batch) : store::IngestBatch{};
  }
  static std::vector<std::string> Names(const store::IngestBatch& batch) {
    std::vector<std::string> names;
    for (const store::PersonRow& row : batch.persons) {
      names.push_back(row.person.first_name.value_or(""));
    }
    return names;
  }
  static std::vector<std::string> EventNames(const store::IngestBatch& batch) {
    std::vector<std::string> names;
    for (const OutboxEvent& event : batch.events) names.push_back(event.name);
    return names;
  }

  std::optional<Accounts> accounts;
  std::optional<PlanningCache> plannings;

 private:
  int events_ = 0;
  int64_t leased_ = 0;
};

TEST_F(PipedriveIngestTest, AWholePayloadNeedsNoCall) {
  const store::IngestBatch batch = Handle({Change(1, "Anna", 5)});
  EXPECT_THAT(Names(batch), ElementsAre("Anna"));
  EXPECT_EQ(batch.persons[0].ext_id, MakePlanning().ExtIdOf(1));
  EXPECT_THAT(EventNames(batch), ElementsAre("contact_updated"));
  ASSERT_THAT(batch.settled, SizeIs(1));
  EXPECT_THAT(batch.settled[0].persons, ::testing::Contains(1));
  EXPECT_THAT(pipedrive.calls, IsEmpty());
}

TEST_F(PipedriveIngestTest, AHintIsNotTakenForTrue) {
  pipedrive.persons.at(1).first_name = "Real";
  const store::IngestBatch batch = Handle({Hint(1)});
  EXPECT_THAT(Names(batch), ElementsAre("Real"));
  EXPECT_THAT(pipedrive.calls, ElementsAre("persons ids=1"));
}

TEST_F(PipedriveIngestTest, OfSeveralChangesTheNewestIsFoldedAndEachIsAnEvent) {
  const store::IngestBatch batch = Handle({Change(1, "Second", 6), Change(1, "First", 5)});
  EXPECT_THAT(Names(batch), ElementsAre("Second"));
  EXPECT_THAT(EventNames(batch), ElementsAre("contact_updated", "contact_updated"));
  EXPECT_NE(batch.events[0].key, batch.events[1].key);
}

TEST_F(PipedriveIngestTest, AStateOfTheSameSecondIsReadAgain) {
  pipedrive.persons.at(1).update_time = std::chrono::floor<std::chrono::seconds>(clock.Now());
  RunAll(Full());
  ForgetCalls();
  pipedrive.persons.at(1).first_name = "Newest";
  const store::IngestBatch batch = Handle({Change(1, "Perhaps", 0)});
  EXPECT_THAT(Names(batch), ElementsAre("Newest"));
  EXPECT_THAT(pipedrive.calls, ElementsAre("persons ids=1"));
}

TEST_F(PipedriveIngestTest, AnOwnWriteOfTheSameSecondIsKnownByUserSourceAndContent) {
  clock.Advance(std::chrono::minutes(6));  // both schemas are read again
  pipedrive.account.user_id = 99;
  Person& person = pipedrive.Put(1, "p1@x.io", "Anna");
  person.name = "Anna X";
  person.update_time = std::chrono::floor<std::chrono::seconds>(clock.Now());
  RunAll(Full());
  const std::string own = R"(,"user_id":"99","change_source":"api")";
  struct Case {
    std::string name;
    std::string meta;
    bool is_known;
  };
  for (const Case& one : {Case{"Anna", own, true}, Case{"Other", own, false},
                          Case{"Anna", R"(,"user_id":"99","change_source":"app")", false},
                          Case{"Anna", R"(,"user_id":"98","change_source":"api")", false}}) {
    Begin();
    Handle({Change(1, one.name, 0, "change", one.meta)});
    EXPECT_EQ(pipedrive.calls.empty(), one.is_known) << one.name << one.meta;
  }
}

TEST_F(PipedriveIngestTest, WhatNoWebhookToldIsToldByWhatTheRecordShows) {
  const Time now = std::chrono::floor<std::chrono::seconds>(clock.Now());
  const Time since = now - std::chrono::hours(2);
  const auto put = [&](int64_t id, Duration added, Duration updated) {
    Person& person = pipedrive.Put(id, absl::StrCat("p", id, "@x.io"));
    person.add_time = now - added;
    person.update_time = now - updated;
  };
  using std::chrono::hours;
  put(1, hours(48), hours(1));
  put(2, hours(48), hours(3));
  put(3, hours(1), hours(1));
  put(4, hours(1), hours(0));
  std::vector<store::LeasedEvent> events;
  for (int64_t id = 1; id <= 4; ++id) {
    store::LeasedEvent event = Leased(FormatSeconds(since));
    event.entry.source = store::EventSource::kReread;
    event.entry.lane = absl::StrCat("person/", id);
    events.push_back(event);
  }
  const auto batch = PipedriveIngest(*accounts, *plannings).Handle(events, {});
  ASSERT_TRUE(batch.ok()) << batch.status();
  std::vector<std::string> keys;
  for (const OutboxEvent& event : batch->events) keys.push_back(event.key);
  const auto key = [&](int64_t id, SourceAction action, Duration ago, const std::string& name) {
    return absl::StrCat(SourceEventKey("person", std::to_string(id), action, now - ago), "/", name,
                        "/", id);
  };
  EXPECT_THAT(keys, ElementsAre(key(1, SourceAction::kChanged, hours(1), "contact_updated"),
                                key(3, SourceAction::kCreated, hours(1), "contact_created"),
                                key(4, SourceAction::kCreated, hours(1), "contact_created"),
                                key(4, SourceAction::kChanged, hours(0), "contact_updated")))
      << "those a late webhook has";
  EXPECT_THAT(batch->settled, SizeIs(4));
  EXPECT_THAT(batch->retried_persons, IsEmpty());
}

TEST_F(PipedriveIngestTest, AnEventOfAnotherCompanyIsAFailureAndNothingElse) {
  std::string body = Change(1, "Stranger", 5);
  body.replace(body.find(R"("company_id":"7")"), 16, R"("company_id":"8")");
  const store::IngestBatch batch = Handle({body});
  EXPECT_THAT(batch.persons, IsEmpty());
  EXPECT_THAT(batch.events, IsEmpty());
  EXPECT_THAT(batch.settled, SizeIs(1));
  ASSERT_THAT(batch.failures, SizeIs(1));
  EXPECT_THAT(batch.failures[0].detail, ::testing::HasSubstr("company 8"));
}

TEST_F(PipedriveIngestTest, ADeletionIsConfirmedBeforeItCounts) {
  pipedrive.persons.erase(1);
  store::IngestBatch batch = Handle({Change(1, "Ann", 5, "delete")});
  EXPECT_THAT(batch.gone_persons, ElementsAre(1));
  EXPECT_THAT(batch.persons, IsEmpty());
  EXPECT_THAT(EventNames(batch), ElementsAre("contact_deleted"));

  batch = Handle({Change(2, "Bob", 5, "delete")});
  EXPECT_THAT(batch.gone_persons, IsEmpty());
  EXPECT_THAT(Names(batch), ElementsAre("Bob"));
}

TEST_F(PipedriveIngestTest, AMergeIsOneMergeWhicheverEventComesFirst) {
  pipedrive.persons.erase(1);
  const std::string gone = Change(1, "Ann", 5, "delete", R"(,"merged_to_id":"2")");
  const std::string kept = Change(2, "Bob", 5, "change", R"(,"merged_from_id":"1")");
  for (const std::vector<std::string>& bodies :
       {std::vector<std::string>{gone, kept}, {kept, gone}, {gone}, {kept}}) {
    const store::IngestBatch batch = Handle(bodies);
    ASSERT_FALSE(batch.merges.empty());
    for (const store::MergedPersons& merge : batch.merges) {
      EXPECT_EQ(merge.from, 1);
      EXPECT_EQ(merge.to, 2);
    }
    EXPECT_THAT(batch.gone_persons, IsEmpty()) << "its contact lives on";
    EXPECT_THAT(Names(batch), ElementsAre("Bob"));
    EXPECT_THAT(EventNames(batch), ::testing::Each("contact_merged"));
  }
}

TEST_F(PipedriveIngestTest, APersonThatIsStillThereWasNotMerged) {
  const store::IngestBatch batch =
      Handle({Change(2, "Bob", 5, "change", R"(,"merged_from_id":"1")")});
  EXPECT_THAT(batch.merges, IsEmpty());
  EXPECT_THAT(Names(batch), ElementsAre("Ann", "Bob"));
}

TEST_F(PipedriveIngestTest, ManyAreReadWithOneCallAndTheMissingOneByOne) {
  std::vector<std::string> hints;
  for (int64_t id = 11; id <= 30; ++id) {
    if (id != 20) pipedrive.Put(id, absl::StrCat("p", id, "@x.io"));
    hints.push_back(Hint(id));
  }
  const store::IngestBatch batch = Handle(hints);
  EXPECT_THAT(batch.persons, SizeIs(19));
  EXPECT_THAT(batch.gone_persons, ElementsAre(20));
  EXPECT_THAT(pipedrive.calls, ElementsAre("persons ids=20", "persons ids=1"));
}

TEST_F(PipedriveIngestTest, CountsThatAPayloadLacksAreRead) {
  settings.person_mapping.push_back(Rule("won_deals_count", "WON_DEALS"));
  brevo.attributes.push_back(
      {.name = "WON_DEALS", .category = "normal", .type = AttributeType::kNumber});
  clock.Advance(std::chrono::hours(1));  // or the schemas would still be young enough
  RunAll(Full());
  Begin();
  pipedrive.persons.at(1).won_deals_count = 3;
  const store::IngestBatch batch = Handle({Change(1, "Anna", 5)});
  ASSERT_THAT(batch.persons, SizeIs(1));
  EXPECT_EQ(batch.persons[0].person.won_deals_count, 3);
}

TEST_F(PipedriveIngestTest, ADealsPersonNobodyHasSeenIsReadForItsEvent) {
  pipedrive.Put(7, "new@x.io", "New");
  const std::string deal = absl::StrCat(
      R"({"meta":{"version":"2.0","action":"change","entity":"deal","entity_id":"8","id":"d1",)",
      R"("timestamp":")", At(5), R"("},"data":{"id":8,"title":"Big","value":12.5,)",
      R"("currency":"EUR","status":"open","stage_id":3,"pipeline_id":1,"person_id":7,)",
      R"("update_time":")", At(5), R"("},"previous":{"stage_id":2}})");
  const store::IngestBatch batch = Handle({deal});
  EXPECT_THAT(Names(batch), ElementsAre("New"));
  ASSERT_THAT(EventNames(batch), ElementsAre("deal_updated"));
  EXPECT_EQ(batch.events[0].person_id, 7);
  const std::vector<std::pair<std::string, Value>> told = {{"id", Value{"8"}},
                                                           {"title", Value{"Big"}},
                                                           {"value", Value{12.5}},
                                                           {"stage_changed", Value{true}},
                                                           {"status", Value{"open"}}};
  EXPECT_THAT(batch.events[0].event_properties, ::testing::IsSupersetOf(told));
}

TEST_F(PipedriveIngestTest, WhatCannotBeReadIsAFailureAndSettled) {
  const store::IngestBatch batch = Handle({"{", Change(1, "Anna", 5)});
  ASSERT_THAT(batch.failures, SizeIs(1));
  EXPECT_EQ(batch.failures[0].reason, FailureReason::kMalformedRecord);
  EXPECT_THAT(batch.settled, SizeIs(2));
  EXPECT_THAT(Names(batch), ElementsAre("Anna"));
}

TEST_F(PipedriveIngestTest, TroubleWithTheAccountIsNoEventsFault) {
  pipedrive.on_call = [](const std::string&) { return absl::UnavailableError("down"); };
  EXPECT_TRUE(absl::IsUnavailable(TryHandle({Hint(1)}).status()));
}

TEST_F(PipedriveIngestTest, ARecordThatIsWantedAgainIsReadAndConvergedButNoEvent) {
  pipedrive.persons.at(1).first_name = "Real";
  const auto wanted = [this](const std::string& lane) {
    store::LeasedEvent event = Leased("");
    event.entry.source = store::EventSource::kReread;
    event.entry.lane = lane;
    return event;
  };
  const auto batch = PipedriveIngest(*accounts, *plannings)
                         .Handle({wanted("person/1"), wanted("deal/1"), wanted("person/x")}, {});
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_THAT(Names(*batch), ElementsAre("Real"));
  EXPECT_THAT(batch->retried_persons, ElementsAre(1));
  EXPECT_THAT(batch->events, IsEmpty());
  EXPECT_THAT(batch->failures, IsEmpty());
  ASSERT_THAT(batch->settled, SizeIs(3));
  EXPECT_THAT(batch->settled[0].persons, ElementsAre(1));
}

TEST_F(PipedriveIngestTest, OnlyAllBulkIsBulk) {
  PipedriveIngest ingest(*accounts, *plannings);
  EXPECT_TRUE(ingest.Handle({Leased(Change(1, "A", 5), true)}, {})->bulk);
  EXPECT_FALSE(
      ingest.Handle({Leased(Change(1, "A", 6), true), Leased(Change(2, "B", 6))}, {})->bulk);
}

class DealIngestTest : public PipedriveIngestTest {
 protected:
  void SetUp() override {
    settings.deals = true;
    pipedrive.PutDeal(7, 1, DealStatus::kOpen, 1);
    PipedriveIngestTest::SetUp();
    settings.event_rules.rules.clear();
    Begin();
  }
  std::string ChangeOfDeal(int64_t id, int64_t person, int64_t stage, int seconds,
                           const std::string& action = "change") {
    const std::string record =
        absl::StrCat(R"({"id":)", id, R"(,"person_id":)", person, R"(,"stage_id":)", stage,
                     R"(,"pipeline_id":1,"status":"open","update_time":")", At(seconds), R"("})");
    return absl::StrCat(R"({"meta":{"version":"2.0","action":")", action,
                        R"(","entity":"deal","company_id":"7","entity_id":")", id, R"(","id":"d)",
                        seconds, R"(","timestamp":")", At(seconds), R"("},"data":)",
                        action == "delete" ? "null" : record, R"(,"previous":)",
                        action == "delete" ? record : "{}", "}");
  }
  static std::string DealHint(int64_t id) {
    return absl::StrCat(R"({"topic":"deal.stage_changed","payload":{"dealId":)", id, "}}");
  }
};

TEST_F(DealIngestTest, AWholePayloadIsFoldedAsItIs) {
  const store::IngestBatch batch =
      Handle({ChangeOfDeal(7, 2, 1, 9), ChangeOfDeal(7, 2, 2, 10), ChangeOfDeal(7, 2, 1, 8)});
  ASSERT_THAT(batch.deals, SizeIs(1));
  EXPECT_EQ(batch.deals[0].stage_id, 2) << "the newest of several";
  EXPECT_THAT(pipedrive.calls, IsEmpty());
  for (const store::SettledEvent& settled : batch.settled) {
    EXPECT_THAT(settled.persons, ElementsAre(1, 2)) << "whose deal it was and whose it is";
  }
}

TEST_F(DealIngestTest, HintsAndDeletionsAreReadAgain) {
  pipedrive.PutDeal(7, 1, DealStatus::kWon, 2);
  store::IngestBatch batch = Handle({DealHint(7)});
  ASSERT_THAT(batch.deals, SizeIs(1));
  EXPECT_EQ(batch.deals[0], pipedrive.deals.at(7));
  EXPECT_THAT(pipedrive.calls, ElementsAre("deal"));
  pipedrive.deals.erase(7);
  batch = Handle({ChangeOfDeal(7, 1, 2, 10, "delete")});
  ASSERT_THAT(batch.deals, SizeIs(1));
  EXPECT_TRUE(batch.deals[0].is_deleted());
  EXPECT_EQ(batch.deals[0].person_id, 1);
}

TEST_F(DealIngestTest, APersonNobodyHasSeenIsReadForItsDeal) {
  pipedrive.Put(9, "new@x.io", "New");
  const store::IngestBatch batch = Handle({ChangeOfDeal(8, 9, 1, 5)});
  EXPECT_THAT(Names(batch), ElementsAre("New"));
  EXPECT_THAT(pipedrive.calls, ElementsAre("persons ids=1"));
}

TEST_F(DealIngestTest, APersonNobodyHasSeenIsNotReadForADeletedDeal) {
  pipedrive.Put(9, "new@x.io", "New");
  const store::IngestBatch batch = Handle({ChangeOfDeal(8, 9, 1, 5, "delete")});
  EXPECT_THAT(pipedrive.calls, ElementsAre("deal")) << "whether it is gone";
  EXPECT_THAT(batch.persons, IsEmpty());
}

TEST_F(DealIngestTest, WhereDealsAreNotSyncedNothingIsFolded) {
  settings.deals = false;
  Begin();
  EXPECT_THAT(Handle({ChangeOfDeal(7, 1, 2, 10)}).deals, IsEmpty());
  EXPECT_THAT(pipedrive.calls, IsEmpty());
}

}  // namespace
}  // namespace connector::sync
