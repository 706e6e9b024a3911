#include "rpc/run_messages.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "google/protobuf/util/time_util.h"

namespace connector::rpc {
namespace {

// Ids one request may name; more belong into a filter.
constexpr int kMostIds = 10'000;

google::protobuf::Timestamp ToProto(Time time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(time.time_since_epoch().count());
}

// The enums of the model and the contract list the same things in the same order, the contract with
// UNSPECIFIED before them; run_messages_test holds them against each other name by name.
template <typename Proto, typename Model>
Proto Shifted(Model value) {
  return static_cast<Proto>(static_cast<int>(value) + 1);
}

// By name: the contract had reasons of its own before the model got its newest ones.
v1::FailureReason ToProto(FailureReason reason) {
  v1::FailureReason out = v1::FAILURE_REASON_UNSPECIFIED;
  v1::FailureReason_Parse(
      absl::StrCat("FAILURE_REASON_", absl::AsciiStrToUpper(ToAbsl(FailureReasonName(reason)))),
      &out);
  return out;
}

v1::SkipReason ToProto(SkipReason reason) {
  switch (reason) {
    case SkipReason::kNoEmail:
      return v1::SKIP_REASON_NO_EMAIL;
    case SkipReason::kDeleted:
      return v1::SKIP_REASON_DELETED;
    case SkipReason::kDuplicateEmail:
      return v1::SKIP_REASON_DUPLICATE_EMAIL;
    case SkipReason::kInvalidEmail:
      return v1::SKIP_REASON_INVALID_EMAIL;
    case SkipReason::kBreaker:
      return v1::SKIP_REASON_BREAKER;
    case SkipReason::kErased:
      return v1::SKIP_REASON_ERASED;
  }
  return v1::SKIP_REASON_UNSPECIFIED;
}

v1::PlannedAction ToProto(PlannedChange::Action action) {
  switch (action) {
    case PlannedChange::Action::kCreate:
      return v1::PLANNED_ACTION_CREATE;
    case PlannedChange::Action::kUpdate:
      return v1::PLANNED_ACTION_UPDATE;
    case PlannedChange::Action::kSkip:
      return v1::PLANNED_ACTION_SKIP;
    case PlannedChange::Action::kDelete:
      return v1::PLANNED_ACTION_DELETE;
    case PlannedChange::Action::kUnchanged:
      return v1::PLANNED_ACTION_UNCHANGED;
  }
  return v1::PLANNED_ACTION_UNSPECIFIED;
}

void FillCounts(const RunProgress& progress, v1::RunProgress& out) {
  out.set_pages(progress.pages);
  out.set_read(progress.read);
  out.set_created(progress.created);
  out.set_updated(progress.updated);
  out.set_unchanged(progress.unchanged);
  out.set_persons_created(progress.persons_created);
  out.set_persons_updated(progress.persons_updated);
  for (const auto& [reason, count] : progress.skipped) {
    v1::SkipCount& skip = *out.add_skipped();
    skip.set_reason(ToProto(reason));
    skip.set_count(count);
  }
  for (const auto& [reason, count] : progress.failed) {
    v1::FailureCount& failed = *out.add_failed();
    failed.set_reason(ToProto(reason));
    failed.set_count(count);
  }
  v1::ApiUsage& usage = *out.mutable_usage();
  usage.set_pipedrive_calls(progress.pipedrive_calls);
  usage.set_pipedrive_tokens(progress.pipedrive_tokens);
  usage.set_brevo_calls(progress.brevo_calls);
  usage.set_brevo_writes(progress.brevo_writes);
}

void FillPlannedCost(const RunProgress& progress, v1::PlannedCost& out) {
  const PlannedCost& cost = progress.planned;
  out.set_single_writes(cost.single_writes);
  out.set_import_jobs(cost.import_jobs);
  out.set_import_bytes(cost.import_bytes);
  // A job is asked about until it is done: a handful of times for all jobs together.
  constexpr int kPolls = 5;
  const int64_t polls = cost.import_jobs > 0 ? kPolls : 0;
  out.set_brevo_calls(progress.brevo_calls + cost.single_writes + cost.import_jobs + polls);
  out.set_pipedrive_calls(progress.pipedrive_calls + cost.person_writes);
  out.set_pipedrive_tokens(progress.pipedrive_tokens + cost.pipedrive_tokens);
}

absl::Status CheckId(absl::string_view field, int64_t id) {
  if (id > 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(field, ": must be a positive id, not ", id));
}

absl::Status CheckIdCount(absl::string_view field, int count) {
  if (count > 0 && count <= kMostIds) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", count, " ids, allowed are 1 to ",
                                                 kMostIds, "; name more by a Pipedrive filter"));
}

// What the requests for all kinds of runs have in common.
template <typename Request>
absl::StatusOr<RunOptions> CommonOptions(const Request& request) {
  if (!v1::SyncMode_IsValid(request.mode())) {
    return absl::InvalidArgumentError(
        absl::StrCat("mode: ", static_cast<int>(request.mode()), " is no mode of this release"));
  }
  if (request.stop_after_failures() < 0) {
    return absl::InvalidArgumentError("stop_after_failures: must not be negative");
  }
  RunOptions options;
  options.mode = request.mode() == v1::SYNC_MODE_FULL ? RunMode::kFull : RunMode::kIncremental;
  options.dry_run = request.dry_run();
  options.stop_after_failures = request.stop_after_failures();
  return options;
}

// The filter as far as it is the same for all kinds; its record ids are counted and left.
absl::Status TakeFilter(const v1::RecordFilter& filter, RunOptions& options) {
  if (filter.has_record_ids()) {
    return CheckIdCount("filter.record_ids", filter.record_ids().ids().size());
  }
  if (filter.by_case() != v1::RecordFilter::kFilterId) return absl::OkStatus();
  options.filter_id = filter.filter_id();
  return CheckId("filter.filter_id", *options.filter_id);
}

// Of kinds whose records have numbers for ids.
template <typename Request>
absl::StatusOr<RunOptions> NumberedOptions(const Request& request) {
  CONNECTOR_ASSIGN_OR_RETURN(RunOptions options, CommonOptions(request));
  CONNECTOR_RETURN_IF_ERROR(TakeFilter(request.filter(), options));
  if (!request.filter().has_record_ids()) return options;
  for (const std::string& text : request.filter().record_ids().ids()) {
    int64_t id = 0;
    if (!absl::SimpleAtoi(text, &id)) {
      return absl::InvalidArgumentError(
          absl::StrCat("filter.record_ids: \"", text, "\" is no number"));
    }
    CONNECTOR_RETURN_IF_ERROR(CheckId("filter.record_ids", id));
    options.ids.push_back(id);
  }
  return options;
}

// "adf21080-0e10-11eb-879b-05d71fb426ec".
bool IsUuid(absl::string_view text) {
  constexpr absl::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (text.size() != kForm.size()) return false;
  for (size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] == '-' ? text[i] != '-' : !absl::ascii_isxdigit(text[i])) return false;
  }
  return true;
}

}  // namespace

int64_t FinishedRecords(const RunProgress& progress) {
  int64_t finished = progress.created + progress.updated + progress.unchanged;
  for (const auto& [reason, count] : progress.skipped) finished += count;
  for (const auto& [reason, count] : progress.failed) {
    if (!IsFieldLoss(reason)) finished += count;
  }
  return finished;
}

v1::RunProgress ToProto(const Run& run, const Pace& pace) {
  v1::RunProgress out;
  out.set_run_id(run.id);
  out.set_connection(run.connection);
  out.set_kind(Shifted<v1::RunKind>(run.kind));
  const bool full = run.options.mode == RunMode::kFull || run.progress.full;
  out.set_mode(full ? v1::SYNC_MODE_FULL : v1::SYNC_MODE_INCREMENTAL);
  out.set_state(Shifted<v1::RunState>(run.state));
  out.set_phase(Shifted<v1::RunPhase>(run.progress.phase));
  out.set_dry_run(run.options.dry_run);
  FillCounts(run.progress, out);
  out.set_records_per_second(pace.records_per_second);
  if (pace.estimated_end) *out.mutable_estimated_end() = ToProto(*pace.estimated_end);
  if (run.started_at) *out.mutable_started_at() = ToProto(*run.started_at);
  if (run.finished_at) *out.mutable_finished_at() = ToProto(*run.finished_at);
  for (const std::string& warning : run.progress.warnings) out.add_warnings(warning);
  out.set_error(run.error);
  if (run.options.dry_run && IsFinal(run.state)) {
    FillPlannedCost(run.progress, *out.mutable_planned_cost());
  }
  *out.mutable_created_at() = ToProto(run.created_at);
  out.set_scheduled(run.scheduled);
  return out;
}

v1::PlannedChange ToProto(const PlannedChange& change) {
  v1::PlannedChange out;
  out.set_person_id(change.person_id);
  out.set_email(change.email);
  out.set_action(ToProto(change.action));
  for (const PlannedChange::Field& field : change.fields) {
    v1::FieldChange& added = *out.add_fields();
    added.set_attribute(field.attribute);
    added.set_before(field.before);
    added.set_after(field.after);
    added.set_reason(field.reason);
    added.set_written_to(field.to_pipedrive ? v1::API_PIPEDRIVE : v1::API_BREVO);
  }
  for (const int64_t list : change.join_lists) out.add_lists_joined()->set_list_id(list);
  for (const int64_t list : change.leave_lists) out.add_lists_left()->set_list_id(list);
  out.set_reason(change.reason);
  if (change.skip) out.set_skip_reason(ToProto(*change.skip));
  for (const PlannedChange::Dropped& dropped : change.dropped) {
    v1::DroppedField& added = *out.add_dropped();
    added.set_attribute(dropped.attribute);
    added.set_reason(Shifted<v1::FailureReason>(dropped.reason));
    added.set_detail(dropped.detail);
  }
  return out;
}

v1::Failure ToProto(const Failure& failure) {
  v1::Failure out;
  out.set_failure_id(std::to_string(failure.id));
  if (failure.entity == "person") out.set_kind(v1::RECORD_KIND_PERSON);
  if (failure.entity == "organization") out.set_kind(v1::RECORD_KIND_ORGANIZATION);
  if (failure.entity == "deal") out.set_kind(v1::RECORD_KIND_DEAL);
  if (failure.entity == "activity") out.set_kind(v1::RECORD_KIND_ACTIVITY);
  if (failure.entity == "lead") out.set_kind(v1::RECORD_KIND_LEAD);
  out.set_record_id(failure.entity_id);
  if (failure.entity == "contact") out.set_email(failure.entity_id);
  out.set_reason(ToProto(failure.reason));
  out.set_field(failure.field);
  out.set_detail(failure.detail);
  out.set_run_id(failure.run_id);
  out.set_attempts(1);
  *out.mutable_first_failed_at() = ToProto(failure.created_at);
  *out.mutable_last_failed_at() = ToProto(failure.created_at);
  return out;
}

absl::StatusOr<RunOptions> ToRunOptions(const v1::SyncPersonsRequest& request) {
  CONNECTOR_ASSIGN_OR_RETURN(RunOptions options, CommonOptions(request));
  switch (request.filter().by_case()) {
    case v1::PersonFilter::kFilterId:
      options.filter_id = request.filter().filter_id();
      CONNECTOR_RETURN_IF_ERROR(CheckId("filter.filter_id", *options.filter_id));
      break;
    case v1::PersonFilter::kBrevoListId:
      options.list_id = request.filter().brevo_list_id();
      CONNECTOR_RETURN_IF_ERROR(CheckId("filter.brevo_list_id", *options.list_id));
      break;
    case v1::PersonFilter::kPersonIds: {
      const auto& ids = request.filter().person_ids().ids();
      CONNECTOR_RETURN_IF_ERROR(CheckIdCount("filter.person_ids", ids.size()));
      for (const int64_t id : ids) CONNECTOR_RETURN_IF_ERROR(CheckId("filter.person_ids", id));
      options.ids.assign(ids.begin(), ids.end());
      break;
    }
    case v1::PersonFilter::BY_NOT_SET:
      break;
  }
  options.confirm_sweep = request.confirm_sweep();
  if (options.confirm_sweep && (options.mode != RunMode::kFull || options.filtered())) {
    return absl::InvalidArgumentError(
        "confirm_sweep: only a full run of all persons finds what is gone; set mode to "
        "SYNC_MODE_FULL and no filter");
  }
  return options;
}

absl::StatusOr<RunOptions> ToRunOptions(const v1::SyncDealsRequest& request) {
  return NumberedOptions(request);
}

absl::StatusOr<RunOptions> ToRunOptions(const v1::SyncOrganizationsRequest& request) {
  return NumberedOptions(request);
}

absl::StatusOr<RunOptions> ToRunOptions(const v1::SyncActivitiesRequest& request) {
  return NumberedOptions(request);
}

absl::StatusOr<RunOptions> ToRunOptions(const v1::SyncLeadsRequest& request) {
  CONNECTOR_ASSIGN_OR_RETURN(RunOptions options, CommonOptions(request));
  CONNECTOR_RETURN_IF_ERROR(TakeFilter(request.filter(), options));
  if (!request.filter().has_record_ids()) return options;
  for (const std::string& id : request.filter().record_ids().ids()) {
    if (!IsUuid(id)) {
      return absl::InvalidArgumentError(
          absl::StrCat("filter.record_ids: \"", id,
                       "\" is no id of a lead, such as adf21080-0e10-11eb-879b-05d71fb426ec"));
    }
    options.names.push_back(id);
  }
  return options;
}

}  // namespace connector::rpc
