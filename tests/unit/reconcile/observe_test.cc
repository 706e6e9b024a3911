#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "reconcile/merge.h"
#include "values.h"

namespace connector::reconcile {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

ContactState WithField(FieldState field) {
  ContactState state;
  state.fields.push_back(std::move(field));
  return state;
}

std::vector<Refusal> See(ContactState& state, const Value& value) {
  return Observe(state, Contact(), {{"A", value, &ExactlySame()}});
}

void WriteField(ContactState& state, const Value& value) {
  ContactWrite write;
  write.attributes = {{"A", value}};
  ApplyWrite(state, write);
}

TEST(ApplyWrite, LeavesFieldsUnconfirmed) {
  ContactState state = WithField({"A", Text("old"), Text("old"), {}, Text("refused")});
  WriteField(state, Text("new"));
  EXPECT_EQ(state.fields[0], (FieldState{"A", Text("old"), Text("old"), Text("new"), {}}));
  EXPECT_EQ(state.existence, Existence::kPresent);
}

TEST(ApplyWrite, InsertsFieldsAtTheirPlace) {
  ContactState state;
  ContactWrite write;
  write.attributes = {{"B", Text("b")}, {"A", Text("a")}};
  ApplyWrite(state, write);
  ASSERT_EQ(state.fields.size(), 2u);
  EXPECT_EQ(state.fields[0].attribute, "A");
  EXPECT_THAT(state.fields[1].unconfirmed, Optional(Text("b")));
}

TEST(ApplyWrite, RemembersIdentity) {
  ContactState state;
  ContactWrite write;
  write.email = "a@x.de";
  write.ext_id = "pd-1-2";
  ApplyWrite(state, write);
  EXPECT_EQ(state.email, "a@x.de");
  EXPECT_EQ(state.ext_id, "pd-1-2");
  ApplyWrite(state, ContactWrite());
  EXPECT_EQ(state.email, "a@x.de");
  EXPECT_EQ(state.ext_id, "pd-1-2");
}

TEST(ApplyWrite, ListsItWasInAlreadyAreNotPut) {
  ContactState state;
  state.lists = {5};
  ContactWrite write;
  write.join_lists = {7, 5};
  ApplyWrite(state, write);
  EXPECT_THAT(state.lists, ElementsAre(5, 7));
  EXPECT_THAT(state.lists_put, ElementsAre(7));
}

TEST(ApplyWrite, LeavingIsNotItsOwnHand) {
  ContactState state;
  state.lists = {5, 7};
  state.lists_put = {7};
  ContactWrite write;
  write.leave_lists = {7};
  ApplyWrite(state, write);
  Contact seen;
  seen.list_ids = {5};
  Observe(state, seen, {});
  EXPECT_THAT(state.lists, ElementsAre(5));
  EXPECT_THAT(state.lists_put, IsEmpty());
  EXPECT_THAT(state.lists_left, IsEmpty());
}

TEST(Observe, ConfirmsWhatWasWritten) {
  ContactState state = WithField({"A", Text("old"), Text("old"), Text("new"), {}});
  EXPECT_THAT(See(state, Text("new")), IsEmpty());
  EXPECT_EQ(state.fields[0], (FieldState{"A", Text("new"), Text("new"), {}, {}}));
}

TEST(Observe, TheSeenSpellingBecomesTheBase) {
  const Same by_length = [](const Value& a, const Value& b) {
    return ToText(a).size() == ToText(b).size();
  };
  ContactState state = WithField({"A", {}, {}, Text("written"), {}});
  EXPECT_THAT(Observe(state, Contact(), {{"A", Text("WRITTEN"), &by_length}}), IsEmpty());
  EXPECT_THAT(state.fields[0].base, Optional(Text("WRITTEN")));
}

TEST(Observe, SeenAsBeforeIsRefused) {
  ContactState state = WithField({"A", Text("old"), Text("old"), Text("new"), {}});
  const auto refusals = See(state, Text("old"));
  ASSERT_EQ(refusals.size(), 1u);
  EXPECT_EQ(refusals[0].attribute, "A");
  EXPECT_EQ(refusals[0].value, Text("new"));
  EXPECT_EQ(state.fields[0], (FieldState{"A", Text("old"), Text("old"), {}, Text("new")}));
}

TEST(Observe, SeenEmptyIsRefusedAndTheEmptinessDoesNotFlowBack) {
  ContactState state = WithField({"A", Text("old"), Text("old"), Text("new"), {}});
  EXPECT_EQ(See(state, Text("")).size(), 1u);
  // The source goes back to the old value: that is a change to be written, not one made in Brevo.
  const auto decision =
      MergeExactly({&state.fields[0], Text("old"), Flow::kBoth, Winner::kBrevo, {}, {}});
  EXPECT_EQ(decision.write, MergeDecision::Write::kBrevo);
  EXPECT_EQ(decision.value, Text("old"));
}

TEST(Observe, ARefusedClearKeepsBrevosValue) {
  ContactState state = WithField({"A", Text("old"), Text("old"), Text(""), {}});
  EXPECT_EQ(See(state, Text("old")).size(), 1u);
  const auto decision =
      MergeExactly({&state.fields[0], Text(""), Flow::kBoth, Winner::kBrevo, {}, {}});
  EXPECT_EQ(decision.reason, MergeReason::kRefused);
}

TEST(Observe, SeenOtherwiseIsAnEditMadeAfterTheWrite) {
  ContactState state = WithField({"A", Text("old"), Text("old"), Text("new"), {}});
  EXPECT_THAT(See(state, Text("edited")), IsEmpty());
  EXPECT_EQ(state.fields[0], (FieldState{"A", Text("edited"), Text("new"), {}, {}}));
  const auto decision = MergeExactly({&state.fields[0], Text("new"), Flow::kBoth, {}, {}, {}});
  EXPECT_EQ(decision.write, MergeDecision::Write::kPipedrive);
  EXPECT_EQ(decision.value, Text("edited"));
}

TEST(Observe, ALateEchoOfAnEarlierWriteIsNoEdit) {
  ContactState state = WithField({"A", Text("old"), Text("old"), {}, {}});
  WriteField(state, Text("first"));
  WriteField(state, Text("second"));
  EXPECT_THAT(See(state, Text("first")), IsEmpty());
  EXPECT_EQ(MergeExactly({&state.fields[0], Text("second"), Flow::kBoth, {}, {}, {}}).reason,
            MergeReason::kUnconfirmed);
  EXPECT_THAT(See(state, Text("second")), IsEmpty());
  EXPECT_EQ(state.fields[0], (FieldState{"A", Text("second"), Text("second"), {}, {}}));
}

TEST(Observe, ASecondWriteThatDidNotTakeIsRefused) {
  ContactState state = WithField({"A", Text("old"), Text("old"), {}, {}});
  WriteField(state, Text("first"));
  WriteField(state, Text("second"));
  EXPECT_THAT(See(state, Text("first")), IsEmpty());
  EXPECT_EQ(See(state, Text("first")).size(), 1u);
  EXPECT_THAT(state.fields[0].refused, Optional(Text("second")));
}

TEST(Observe, WhatTookAfterAllIsNoLongerRefused) {
  ContactState state = WithField({"A", Text("old"), Text("old"), {}, Text("new")});
  EXPECT_THAT(See(state, Text("new")), IsEmpty());
  EXPECT_EQ(state.fields[0], (FieldState{"A", Text("new"), Text("new"), {}, {}}));
}

TEST(Observe, AnEditAfterARefusalFlowsByThePolicy) {
  ContactState state = WithField({"A", Text("old"), Text("old"), {}, Text("new")});
  See(state, Text("edited"));
  const FieldState& field = state.fields[0];
  const auto brevo = MergeExactly({&field, Text("new"), Flow::kBoth, Winner::kBrevo, {}, {}});
  EXPECT_EQ(brevo.write, MergeDecision::Write::kPipedrive);
  const auto ours = MergeExactly({&field, Text("new"), Flow::kBoth, Winner::kPipedrive, {}, {}});
  EXPECT_EQ(ours.reason, MergeReason::kRefused);
}

TEST(Observe, KeepsTheBaseOfWhatWasNotWritten) {
  ContactState state = WithField({"A", Text("old"), Text("old"), {}, {}});
  See(state, Text("edited"));
  EXPECT_EQ(state.fields[0], (FieldState{"A", Text("edited"), Text("old"), {}, {}}));
}

TEST(Observe, StoresNothingForAnUnknownEmptyField) {
  ContactState state;
  See(state, Text(""));
  EXPECT_THAT(state.fields, IsEmpty());
}

TEST(Observe, TakesIdentityAndFlagsAsSeen) {
  ContactState state;
  state.email = "written@x.de";
  state.ext_id = "pd-1-2";
  state.email_blacklisted = true;
  Contact seen;
  seen.id = 42;
  seen.sms_blacklisted = true;
  seen.modified_at = Time(std::chrono::seconds(9));
  Observe(state, seen, {});
  EXPECT_EQ(state.existence, Existence::kPresent);
  EXPECT_EQ(state.brevo_id, 42);
  EXPECT_EQ(state.email, "written@x.de");
  EXPECT_EQ(state.ext_id, "pd-1-2");
  EXPECT_FALSE(state.email_blacklisted);
  EXPECT_TRUE(state.sms_blacklisted);
  EXPECT_EQ(state.brevo_modified_at, seen.modified_at);
  seen.email = "Seen@x.de";
  seen.ext_id = "crm-7";
  Observe(state, seen, {});
  EXPECT_EQ(state.email, "Seen@x.de");
  EXPECT_EQ(state.ext_id, "crm-7");
}

TEST(Observe, AListThatVanishedWasLeft) {
  ContactState state;
  state.lists = {1, 5, 7};
  state.lists_put = {5, 7};
  Contact seen;
  seen.list_ids = {7, 9};
  Observe(state, seen, {});
  EXPECT_THAT(state.lists, ElementsAre(7, 9));
  EXPECT_THAT(state.lists_put, ElementsAre(7));
  EXPECT_THAT(state.lists_left, ElementsAre(5));
}

TEST(Observe, UnsubscribedMeansLeftAndStaysSo) {
  ContactState state;
  Contact seen;
  seen.list_unsubscribed = {8, 3};
  Observe(state, seen, {});
  EXPECT_THAT(state.lists_left, ElementsAre(3, 8));
  seen.list_unsubscribed = {};
  seen.list_ids = {3};
  Observe(state, seen, {});
  EXPECT_THAT(state.lists_left, ElementsAre(3, 8));
}

TEST(Agree, TakesWhatBothHold) {
  FieldState field{"A", Text("x"), Text("old"), {}, Text("refused")};
  Agree(field, Text("x"), ExactlySame());
  EXPECT_EQ(field, (FieldState{"A", Text("x"), Text("x"), {}, {}}));
}

TEST(Agree, LeavesWhatDiffersOrIsPending) {
  const FieldState differs{"A", Text("x"), Text("old"), {}, {}};
  const FieldState pending{"A", Text("x"), Text("old"), Text("y"), {}};
  FieldState field = differs;
  Agree(field, Text("y"), ExactlySame());
  EXPECT_EQ(field, differs);
  field = pending;
  Agree(field, Text("y"), ExactlySame());
  EXPECT_EQ(field, pending);
}

}  // namespace
}  // namespace connector::reconcile
