#pragma once

// A run: one durable execution of a sync of one kind, and how far it is.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace connector {

enum class RunKind { kPersons, kDeals, kOrganizations, kActivities, kLeads };
std::string_view RunKindName(RunKind kind);

enum class RunState { kQueued, kRunning, kSucceeded, kFailed, kCancelled };
std::string_view RunStateName(RunState state);
inline bool IsFinal(RunState state) { return state > RunState::kRunning; }

// In the order they are passed.
enum class RunPhase { kPrepare, kReadBrevo, kReadPipedrive, kConverge, kSettle, kDone };
std::string_view RunPhaseName(RunPhase phase);

// Why a record was not written though nothing failed.
enum class SkipReason {
  kNoEmail,         // no usable e-mail and no other identity configured
  kDeleted,         // deleted in Pipedrive
  kDuplicateEmail,  // shares its contact with a person of a lower id, which gives the fields
  kInvalidEmail,    // it has e-mails, none of them valid
  kBreaker,         // changed back and forth too often
  kErased,          // erased on request, and must not come back
};
std::string_view SkipReasonName(SkipReason reason);

// Why a record, or one field of it, could not be written. The list is closed.
enum class FailureReason {
  kInvalidPhone,  // the field was dropped, the rest written
  kInvalidEmail,
  kInvalidValue,    // does not fit the attribute's type; dropped
  kDuplicatePhone,  // another contact has it; dropped
  kDuplicateExtId,
  kIdentifierConflict,  // the new e-mail belongs to another contact; the old one was kept
  kRefusedByBrevo,      // written and seen not to have taken
  kRejectedByBrevo,     // 4xx for this record
  kMalformedRecord,     // a record of a page could not be read
  kAmbiguous,           // it is not known whether a write took effect
  kInternal,
  kRejectedByPipedrive,  // 4xx for this record
  kFieldMissing,         // the Pipedrive field or option does not exist any more
  kNotFound,             // gone where it was to be written to
  kUnavailable,          // an API could not be reached until the attempts were used up
  kOtherCurrency,        // won deals are left out of a revenue: their currency has no rate
};
std::string_view FailureReasonName(FailureReason reason);
// True if only one field is lost and the record was written.
bool IsFieldLoss(FailureReason reason);

enum class RunMode { kIncremental, kFull };

struct RunOptions {
  RunMode mode = RunMode::kIncremental;
  bool dry_run = false;
  std::optional<int64_t> filter_id;  // a Pipedrive filter
  std::vector<int64_t> ids;          // of the records
  std::vector<std::string> names;    // of leads, whose ids are UUIDs
  std::optional<int64_t> list_id;    // persons whose contacts are in this Brevo list
  int64_t stop_after_failures = 0;   // 0: never
  bool confirm_sweep = false;        // what is gone is deleted, however many
  bool filtered() const { return filter_id || !ids.empty() || !names.empty() || list_id; }
  bool operator==(const RunOptions&) const = default;
};

// What a dry run's changes would cost if they were applied now.
struct PlannedCost {
  int64_t single_writes = 0;
  int64_t import_jobs = 0;
  int64_t import_bytes = 0;
  int64_t person_writes = 0;     // to Pipedrive
  int64_t pipedrive_tokens = 0;  // that these cost
  bool operator==(const PlannedCost&) const = default;
};

struct RunProgress {
  RunPhase phase = RunPhase::kPrepare;
  int64_t pages = 0;
  int64_t read = 0;  // source records
  int64_t created = 0;
  int64_t updated = 0;
  int64_t unchanged = 0;
  int64_t persons_created = 0;  // in Pipedrive, from contacts
  int64_t persons_updated = 0;  // in Pipedrive, with what was changed in Brevo
  std::map<SkipReason, int64_t> skipped;
  std::map<FailureReason, int64_t> failed;  // records and fields, see IsFieldLoss
  int64_t pipedrive_calls = 0;
  int64_t pipedrive_tokens = 0;
  int64_t brevo_calls = 0;
  int64_t brevo_writes = 0;
  std::vector<std::string> warnings;
  bool full = false;    // it reads everything, asked for or because it must
  PlannedCost planned;  // dry runs
  bool operator==(const RunProgress&) const = default;
};

struct Run {
  std::string id;
  std::string connection;
  RunKind kind = RunKind::kPersons;
  RunOptions options;
  RunState state = RunState::kQueued;
  RunProgress progress;
  Time created_at{};
  std::optional<Time> started_at;
  std::optional<Time> finished_at;
  bool cancel_requested = false;
  bool scheduled = false;  // inserted by the scheduler, not by a caller
  std::string error;       // why it failed; for people
};

// One thing that could not be written.
struct Failure {
  int64_t id = 0;  // given by the store
  std::string run_id;
  std::string entity;     // "person", "contact"
  std::string entity_id;  // vendor id, or e-mail where there is none
  FailureReason reason = FailureReason::kInternal;
  std::string field;   // attribute, if only that was lost
  std::string detail;  // for people; no secrets
  Time created_at{};
};

// What a dry run says of one record.
struct PlannedChange {
  int64_t person_id = 0;
  std::string email;
  enum class Action { kCreate, kUpdate, kUnchanged, kSkip, kDelete } action = Action::kUnchanged;
  struct Field {
    std::string attribute;
    std::string before;
    std::string after;
    std::string reason;
    bool to_pipedrive = false;
    bool operator==(const Field&) const = default;
  };
  std::vector<Field> fields;
  std::vector<int64_t> join_lists;
  std::vector<int64_t> leave_lists;
  std::string reason;  // for people: by which road it would be written, or why it is skipped
  std::optional<SkipReason> skip;  // of kSkip
  // A value that cannot be sent; the rest of the record can.
  struct Dropped {
    std::string attribute;
    FailureReason reason = FailureReason::kInvalidValue;
    std::string detail;
    bool operator==(const Dropped&) const = default;
  };
  std::vector<Dropped> dropped;
  bool operator==(const PlannedChange&) const = default;
};

}  // namespace connector
