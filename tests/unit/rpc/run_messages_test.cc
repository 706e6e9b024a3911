#include "rpc/run_messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <string>

#include "google/protobuf/util/time_util.h"

namespace connector::rpc {
namespace {

using ::google::protobuf::util::TimeUtil;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Upper(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return std::toupper(c); });
  return upper;
}

// Every value of the contract's kinds and phases is one of the model's.
TEST(RunMessages, KindsHaveTheSameNames) {
  for (int i = 0; i < v1::RunKind_ARRAYSIZE - 1; ++i) {
    connector::Run run;
    run.kind = static_cast<RunKind>(i);
    EXPECT_EQ(v1::RunKind_Name(ToProto(run).kind()), "RUN_KIND_" + Upper(RunKindName(run.kind)));
  }
}

TEST(RunMessages, StatesHaveTheSameNames) {
  for (int i = 0; i < v1::RunState_ARRAYSIZE - 1; ++i) {
    connector::Run run;
    run.state = static_cast<RunState>(i);
    EXPECT_EQ(v1::RunState_Name(ToProto(run).state()),
              "RUN_STATE_" + Upper(RunStateName(run.state)));
  }
}

TEST(RunMessages, PhasesHaveTheSameNames) {
  for (int i = 0; i < v1::RunPhase_ARRAYSIZE - 1; ++i) {
    connector::Run run;
    run.progress.phase = static_cast<RunPhase>(i);
    EXPECT_EQ(v1::RunPhase_Name(ToProto(run).phase()),
              "RUN_PHASE_" + Upper(RunPhaseName(run.progress.phase)));
  }
}

// The contract knows reasons that no release gives yet; each of the model's is one of them.
TEST(RunMessages, FailureReasonsHaveTheSameNames) {
  for (int i = 0; i <= static_cast<int>(FailureReason::kOtherCurrency); ++i) {
    const auto reason = static_cast<FailureReason>(i);
    const std::string name = "FAILURE_REASON_" + Upper(FailureReasonName(reason));
    Failure failure;
    failure.reason = reason;
    EXPECT_EQ(v1::FailureReason_Name(ToProto(failure).reason()), name);
    connector::Run run;
    run.progress.failed[reason] = 3;
    const v1::RunProgress progress = ToProto(run);
    ASSERT_EQ(progress.failed_size(), 1);
    EXPECT_EQ(v1::FailureReason_Name(progress.failed(0).reason()), name);
    EXPECT_EQ(progress.failed(0).count(), 3);
  }
}

TEST(RunMessages, SkipReasonsHaveTheSameNames) {
  for (int i = 0; i <= static_cast<int>(SkipReason::kBreaker); ++i) {
    connector::Run run;
    run.progress.skipped[static_cast<SkipReason>(i)] = 2;
    const v1::RunProgress progress = ToProto(run);
    ASSERT_EQ(progress.skipped_size(), 1);
    EXPECT_EQ(v1::SkipReason_Name(progress.skipped(0).reason()),
              "SKIP_REASON_" + Upper(SkipReasonName(static_cast<SkipReason>(i))));
    EXPECT_EQ(progress.skipped(0).count(), 2);
  }
}

TEST(RunMessages, PlannedActionsHaveTheSameNames) {
  using Action = PlannedChange::Action;
  const std::vector<std::pair<Action, v1::PlannedAction>> pairs = {
      {Action::kCreate, v1::PLANNED_ACTION_CREATE},
      {Action::kUpdate, v1::PLANNED_ACTION_UPDATE},
      {Action::kUnchanged, v1::PLANNED_ACTION_UNCHANGED},
      {Action::kSkip, v1::PLANNED_ACTION_SKIP}};
  for (const auto& [action, expected] : pairs) {
    PlannedChange change;
    change.action = action;
    EXPECT_EQ(ToProto(change).action(), expected);
  }
}

TEST(RunMessages, RunTellsAllItKnows) {
  connector::Run run;
  run.id = "r1";
  run.connection = "shop";
  run.state = RunState::kFailed;
  run.options.dry_run = true;
  run.scheduled = true;
  run.error = "why";
  run.created_at = Time(std::chrono::microseconds(1'500'000));
  run.started_at = Time(std::chrono::seconds(2));
  run.finished_at = Time(std::chrono::seconds(3));
  run.progress.pages = 1;
  run.progress.read = 2;
  run.progress.created = 3;
  run.progress.updated = 4;
  run.progress.unchanged = 5;
  run.progress.pipedrive_calls = 6;
  run.progress.pipedrive_tokens = 7;
  run.progress.brevo_calls = 8;
  run.progress.brevo_writes = 9;
  run.progress.warnings = {"first", "second"};
  run.progress.planned = {.single_writes = 10, .import_jobs = 1, .import_bytes = 11};
  const v1::RunProgress progress =
      ToProto(run, {.records_per_second = 1.5, .estimated_end = Time(std::chrono::seconds(4))});
  EXPECT_EQ(progress.run_id(), "r1");
  EXPECT_EQ(progress.connection(), "shop");
  EXPECT_TRUE(progress.dry_run());
  EXPECT_TRUE(progress.scheduled());
  EXPECT_FALSE(progress.joined_existing());
  EXPECT_EQ(progress.error(), "why");
  EXPECT_EQ(progress.created_at(), TimeUtil::MillisecondsToTimestamp(1500));
  EXPECT_EQ(progress.started_at(), TimeUtil::SecondsToTimestamp(2));
  EXPECT_EQ(progress.finished_at(), TimeUtil::SecondsToTimestamp(3));
  EXPECT_EQ(progress.estimated_end(), TimeUtil::SecondsToTimestamp(4));
  EXPECT_EQ(progress.records_per_second(), 1.5);
  EXPECT_EQ(progress.pages(), 1);
  EXPECT_EQ(progress.read(), 2);
  EXPECT_EQ(progress.created(), 3);
  EXPECT_EQ(progress.updated(), 4);
  EXPECT_EQ(progress.unchanged(), 5);
  EXPECT_EQ(progress.usage().pipedrive_calls(), 6);
  EXPECT_EQ(progress.usage().pipedrive_tokens(), 7);
  EXPECT_EQ(progress.usage().brevo_calls(), 8);
  EXPECT_EQ(progress.usage().brevo_writes(), 9);
  EXPECT_THAT(progress.warnings(), ElementsAre("first", "second"));
  EXPECT_EQ(progress.planned_cost().single_writes(), 10);
  EXPECT_EQ(progress.planned_cost().import_bytes(), 11);
  EXPECT_GE(progress.planned_cost().brevo_calls(), 8 + 10 + 1);
}

TEST(RunMessages, WhatIsNotYetIsAbsent) {
  connector::Run run;
  run.options.dry_run = true;
  run.state = RunState::kRunning;
  const v1::RunProgress progress = ToProto(run);
  EXPECT_FALSE(progress.has_started_at());
  EXPECT_FALSE(progress.has_finished_at());
  EXPECT_FALSE(progress.has_estimated_end());
  EXPECT_FALSE(progress.has_planned_cost());
}

TEST(RunMessages, ModeIsTheOneTheRunTook) {
  connector::Run run;
  EXPECT_EQ(ToProto(run).mode(), v1::SYNC_MODE_INCREMENTAL);
  run.progress.full = true;  // asked for less, and reads everything because it must
  EXPECT_EQ(ToProto(run).mode(), v1::SYNC_MODE_FULL);
  run.progress.full = false;
  run.options.mode = RunMode::kFull;
  EXPECT_EQ(ToProto(run).mode(), v1::SYNC_MODE_FULL);
}

TEST(RunMessages, LostFieldsDoNotFinishARecord) {
  RunProgress progress;
  progress.created = 1;
  progress.updated = 2;
  progress.unchanged = 4;
  progress.skipped[SkipReason::kNoEmail] = 8;
  progress.failed[FailureReason::kRejectedByBrevo] = 16;
  progress.failed[FailureReason::kInvalidPhone] = 32;
  EXPECT_EQ(FinishedRecords(progress), 31);
}

TEST(RunMessages, PlannedChangeKeepsItsParts) {
  PlannedChange change;
  change.person_id = 7;
  change.email = "a@example.com";
  change.fields = {{"FIRSTNAME", "Al", "Ann", "changed in Pipedrive"}};
  change.join_lists = {3};
  change.leave_lists = {4, 5};
  change.reason = "by import";
  change.dropped = {{"SMS", FailureReason::kDuplicatePhone, "another contact has it"}};
  const v1::PlannedChange message = ToProto(change);
  EXPECT_EQ(message.person_id(), 7);
  EXPECT_EQ(message.email(), "a@example.com");
  ASSERT_EQ(message.fields_size(), 1);
  EXPECT_EQ(message.fields(0).attribute(), "FIRSTNAME");
  EXPECT_EQ(message.fields(0).before(), "Al");
  EXPECT_EQ(message.fields(0).after(), "Ann");
  EXPECT_EQ(message.fields(0).reason(), "changed in Pipedrive");
  EXPECT_EQ(message.fields(0).written_to(), v1::API_BREVO);
  ASSERT_EQ(message.lists_joined_size(), 1);
  EXPECT_EQ(message.lists_joined(0).list_id(), 3);
  EXPECT_EQ(message.lists_left_size(), 2);
  EXPECT_EQ(message.reason(), "by import");
  EXPECT_EQ(message.skip_reason(), v1::SKIP_REASON_UNSPECIFIED);
  ASSERT_EQ(message.dropped_size(), 1);
  EXPECT_EQ(message.dropped(0).attribute(), "SMS");
  EXPECT_EQ(message.dropped(0).reason(), v1::FAILURE_REASON_DUPLICATE_PHONE);
  EXPECT_EQ(message.dropped(0).detail(), "another contact has it");

  change.action = PlannedChange::Action::kSkip;
  change.skip = SkipReason::kDuplicateEmail;
  EXPECT_EQ(ToProto(change).skip_reason(), v1::SKIP_REASON_DUPLICATE_EMAIL);
}

TEST(RunMessages, FailureNamesItsRecord) {
  Failure failure;
  failure.id = 12;
  failure.run_id = "r1";
  failure.entity = "person";
  failure.entity_id = "77";
  failure.field = "SMS";
  failure.detail = "no number";
  failure.created_at = Time(std::chrono::seconds(5));
  v1::Failure message = ToProto(failure);
  EXPECT_EQ(message.failure_id(), "12");
  EXPECT_EQ(message.kind(), v1::RECORD_KIND_PERSON);
  EXPECT_EQ(message.record_id(), "77");
  EXPECT_EQ(message.email(), "");
  EXPECT_EQ(message.field(), "SMS");
  EXPECT_EQ(message.run_id(), "r1");
  EXPECT_EQ(message.last_failed_at(), TimeUtil::SecondsToTimestamp(5));
  failure.entity = "contact";
  failure.entity_id = "a@example.com";
  message = ToProto(failure);
  EXPECT_EQ(message.kind(), v1::RECORD_KIND_UNSPECIFIED);
  EXPECT_EQ(message.email(), "a@example.com");
}

TEST(ToRunOptions, TakesWhatIsAllowed) {
  v1::SyncPersonsRequest request;
  EXPECT_EQ(*ToRunOptions(request), RunOptions{});
  request.set_mode(v1::SYNC_MODE_FULL);
  request.set_dry_run(true);
  request.set_stop_after_failures(9);
  request.mutable_filter()->set_filter_id(4);
  EXPECT_EQ(
      *ToRunOptions(request),
      (RunOptions{
          .mode = RunMode::kFull, .dry_run = true, .filter_id = 4, .stop_after_failures = 9}));
  request.mutable_filter()->set_brevo_list_id(5);
  EXPECT_EQ(ToRunOptions(request)->list_id, 5);
  for (int i = 1; i <= 10'000; ++i) request.mutable_filter()->mutable_person_ids()->add_ids(i);
  EXPECT_EQ(ToRunOptions(request)->ids.size(), 10'000u);
  request.mutable_filter()->Clear();
  EXPECT_FALSE(ToRunOptions(request)->filtered());
  request.set_confirm_sweep(true);
  EXPECT_TRUE(ToRunOptions(request)->confirm_sweep);
}

TEST(ToRunOptions, RefusalsNameTheField) {
  struct Case {
    std::string field;
    std::function<void(v1::SyncPersonsRequest&)> spoil;
  };
  const std::vector<Case> cases = {
      {"mode", [](auto& r) { r.set_mode(static_cast<v1::SyncMode>(7)); }},
      {"stop_after_failures", [](auto& r) { r.set_stop_after_failures(-1); }},
      {"confirm_sweep", [](auto& r) { r.set_confirm_sweep(true); }},
      {"confirm_sweep",
       [](auto& r) {
         r.set_mode(v1::SYNC_MODE_FULL);
         r.set_confirm_sweep(true);
         r.mutable_filter()->set_filter_id(4);
       }},
      {"filter.filter_id", [](auto& r) { r.mutable_filter()->set_filter_id(0); }},
      {"filter.filter_id", [](auto& r) { r.mutable_filter()->set_filter_id(-3); }},
      {"filter.brevo_list_id", [](auto& r) { r.mutable_filter()->set_brevo_list_id(0); }},
      {"filter.person_ids", [](auto& r) { r.mutable_filter()->mutable_person_ids(); }},
      {"filter.person_ids", [](auto& r) { r.mutable_filter()->mutable_person_ids()->add_ids(-1); }},
      {"filter.person_ids", [](auto& r) {
         for (int i = 0; i <= 10'000; ++i) {
           r.mutable_filter()->mutable_person_ids()->add_ids(i + 1);
         }
       }}};
  for (const Case& c : cases) {
    v1::SyncPersonsRequest request;
    c.spoil(request);
    const auto options = ToRunOptions(request);
    EXPECT_EQ(options.status().code(), absl::StatusCode::kInvalidArgument) << c.field;
    EXPECT_THAT(std::string(options.status().message()), HasSubstr(c.field + ":"));
  }
}

}  // namespace
}  // namespace connector::rpc
