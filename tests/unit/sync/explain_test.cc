#include "sync/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sync_fixture.h"

namespace connector::sync {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kStageList = 11;
constexpr int64_t kWonList = 20;

class ExplainTest : public connector::testing::SyncFixture {
 protected:
  ExplainTest() {
    settings.deals = true;
    settings.deal_lists.stages = {{{}, 1, kStageList}};
    settings.deal_lists.won = {{{}, 0, kWonList}};
    for (const int64_t list : {kStageList, kWonList}) {
      brevo.lists.push_back({list, absl::StrCat("List ", list)});
    }
    clock.Advance(std::chrono::hours(24 * 365));
    pipedrive.Put(1, "a@x.de");
    pipedrive.PutDeal(1, 1, DealStatus::kOpen, 1);
  }

  absl::StatusOr<Explanation> Ask(const ContactKey& key, bool refresh = false) {
    const Accounts accounts = MakeAccounts();
    const http::CallContext context;
    return Explain(accounts, key, refresh ? &context : nullptr);
  }
  Explanation Tell(const ContactKey& key, bool refresh = false) {
    const auto told = Ask(key, refresh);
    EXPECT_TRUE(told.ok()) << told.status();
    return told.value_or(Explanation{});
  }
  static FieldStory FieldOf(const Explanation& told, std::string_view attribute) {
    for (const FieldStory& story : told.fields) {
      if (story.attribute == attribute) return story;
    }
    ADD_FAILURE() << "no field " << attribute;
    return {};
  }
  static ListStory ListOf(const Explanation& told, int64_t list) {
    for (const ListStory& story : told.lists) {
      if (story.list_id == list) return story;
    }
    ADD_FAILURE() << "no list " << list;
    return {};
  }
};

TEST_F(ExplainTest, SaysNothingBeforeTheFirstSync) {
  EXPECT_EQ(Ask(PersonKey{1}).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ExplainTest, ASyncedContactHasNothingLeftToDo) {
  RunAll();
  RunAll(Full());
  ForgetCalls();
  const Explanation told = Tell(PersonKey{1});
  EXPECT_EQ(told.email, "a@x.de");
  EXPECT_EQ(told.state.ext_id, "pd-7-1");
  EXPECT_THAT(told.person_ids, ElementsAre(1));
  EXPECT_FALSE(told.next);
  EXPECT_FALSE(told.pending.dirty);
  const FieldStory name = FieldOf(told, "FIRSTNAME");
  EXPECT_EQ(name.field, "first_name");
  EXPECT_EQ(name.pipedrive, "Ann");
  EXPECT_EQ(name.brevo, "Ann");
  EXPECT_EQ(name.base, "Ann");
  EXPECT_EQ(name.verdict, "both sides agree");
  EXPECT_TRUE(told.pipedrive_seen_at);
  EXPECT_TRUE(told.brevo_seen_at);
  EXPECT_THAT(pipedrive.calls, IsEmpty());
  EXPECT_THAT(brevo.calls, IsEmpty());
}

TEST_F(ExplainTest, TheSameByEveryIdentity) {
  RunAll();
  RunAll(Full());
  const int64_t id = brevo.Find("a@x.de")->id;
  for (const ContactKey& key :
       {ContactKey{PersonKey{1}}, ContactKey{EmailKey{"A@X.de"}}, ContactKey{BrevoKey{id}}}) {
    const Explanation told = Tell(key);
    EXPECT_EQ(told.state.brevo_id, id) << sync::Describe(key);
    EXPECT_THAT(told.person_ids, ElementsAre(1));
  }
  for (const ContactKey& key :
       {ContactKey{PersonKey{9}}, ContactKey{EmailKey{"b@x.de"}}, ContactKey{BrevoKey{9}}}) {
    EXPECT_EQ(Ask(key).status().code(), absl::StatusCode::kNotFound) << sync::Describe(key);
  }
}

TEST_F(ExplainTest, SaysOfEachListWhyTheContactIsOnItOrNot) {
  RunAll();
  RunAll(Full());
  Contact& contact = *brevo.Find("a@x.de");
  contact.list_ids = {kList + 1, kList};  // it left the stage's, somebody put it on another
  std::sort(contact.list_ids.begin(), contact.list_ids.end());
  contact.modified_at = clock.Now();
  RunAll(Full());
  const Explanation told = Tell(PersonKey{1});
  const ListStory home = ListOf(told, kList);
  EXPECT_TRUE(home.wanted && home.member && home.ours);
  EXPECT_EQ(home.name, "All");
  const ListStory stage = ListOf(told, kStageList);
  EXPECT_TRUE(stage.wanted && stage.withheld);
  EXPECT_FALSE(stage.member);
  ASSERT_EQ(stage.reasons.size(), 1u);
  EXPECT_EQ(stage.reasons[0].why, "deal 1 is in stage 1");
  const ListStory won = ListOf(told, kWonList);
  EXPECT_FALSE(won.wanted || won.member || won.withheld);
  const ListStory foreign = ListOf(told, kList + 1);
  EXPECT_TRUE(foreign.member);
  EXPECT_FALSE(foreign.wanted || foreign.ours);
  EXPECT_FALSE(told.next) << "a list it left is not joined again";
}

TEST_F(ExplainTest, APendingChangeIsTheNextSyncsPlan) {
  RunAll();
  RunAll(Full());
  clock.Advance(std::chrono::minutes(5));
  const Person changed = pipedrive.Put(1, "a@x.de", "Anna");
  RunOptions dry;
  dry.dry_run = true;
  RunAll(dry);
  store::IngestBatch batch;
  batch.persons.push_back({changed, "a@x.de", "pd-7-1"});
  ASSERT_TRUE(store->FinishIngest(settings.connection, "", batch).ok());
  const Explanation told = Tell(EmailKey{"a@x.de"});
  EXPECT_TRUE(told.pending.dirty);
  ASSERT_TRUE(told.next);
  EXPECT_EQ(told.next->action, PlannedChange::Action::kUpdate);
  ASSERT_EQ(told.next->fields.size(), 1u);
  EXPECT_EQ(told.next->fields[0].after, "Anna");
  EXPECT_THAT(FieldOf(told, "FIRSTNAME").verdict, HasSubstr("is written to Brevo"));
  const auto plan = store->ReadPlan(settings.connection, last_run, 0, 10);
  ASSERT_TRUE(plan.ok());
  ASSERT_EQ(plan->changes.size(), 1u);
  EXPECT_EQ(plan->changes[0], *told.next) << "what a dry run shows";
}

TEST_F(ExplainTest, WhatIsWrittenAndNotSeenIsUnconfirmed) {
  RunAll();
  const FieldStory name = FieldOf(Tell(PersonKey{1}), "FIRSTNAME");
  EXPECT_TRUE(name.unconfirmed);
  EXPECT_EQ(name.verdict, "written already, not seen yet");
}

TEST_F(ExplainTest, AFieldThatIsLeftOutSaysWhy) {
  pipedrive.persons.at(1).phones = {{"not a number", "work", true}};
  RunAll();
  const Explanation told = Tell(PersonKey{1});
  EXPECT_THAT(FieldOf(told, "SMS").verdict, HasSubstr("left out, invalid_phone"));
  ASSERT_THAT(told.failures, ::testing::SizeIs(1));
  EXPECT_EQ(told.failures[0].field, "SMS");
}

TEST_F(ExplainTest, APersonWithoutAContactIsToldWithTheReason) {
  pipedrive.Put(2, "");
  pipedrive.Put(3, "nonsense");
  RunAll();
  const Explanation none = Tell(PersonKey{2});
  ASSERT_TRUE(none.next);
  EXPECT_EQ(none.next->skip, SkipReason::kNoEmail);
  EXPECT_THAT(none.fields, IsEmpty());
  EXPECT_EQ(Tell(PersonKey{3}).next->skip, SkipReason::kInvalidEmail);
}

TEST_F(ExplainTest, PersonsThatShareAContactAreNamed) {
  pipedrive.Put(2, "a@x.de", "Bea");
  RunAll();
  const Explanation told = Tell(PersonKey{2});
  EXPECT_THAT(told.person_ids, ElementsAre(1, 2));
  EXPECT_EQ(FieldOf(told, "FIRSTNAME").pipedrive, "Ann");
  EXPECT_THAT(told.notes, Contains(HasSubstr("person 1 gives the fields")));
}

TEST_F(ExplainTest, RefreshLooksAtBothSidesAndStoresNothing) {
  RunAll();
  RunAll(Full());
  clock.Advance(std::chrono::hours(1));
  pipedrive.Put(1, "a@x.de", "Anna");
  Contact& contact = *brevo.Find("a@x.de");
  contact.email_blacklisted = true;
  ForgetCalls();
  EXPECT_FALSE(Tell(PersonKey{1}).next);
  const Explanation told = Tell(PersonKey{1}, /*refresh=*/true);
  EXPECT_EQ(FieldOf(told, "FIRSTNAME").pipedrive, "Anna");
  EXPECT_TRUE(told.state.email_blacklisted);
  EXPECT_TRUE(told.next);
  EXPECT_EQ(told.brevo_seen_at, clock.Now());
  EXPECT_LE(pipedrive.calls.size() + brevo.calls.size(), 3u);
  EXPECT_FALSE(Tell(PersonKey{1}).next) << "nothing of it was stored";
}

TEST_F(ExplainTest, RefreshTellsOfWhatIsGone) {
  RunAll();
  RunAll(Full());
  pipedrive.persons.erase(1);
  brevo.contacts.clear();
  const Explanation told = Tell(PersonKey{1}, /*refresh=*/true);
  EXPECT_THAT(told.notes, Contains(HasSubstr("person 1 is gone")));
  EXPECT_THAT(told.notes, Contains(HasSubstr("Brevo does not have")));
  EXPECT_FALSE(told.next);
}

}  // namespace
}  // namespace connector::sync
