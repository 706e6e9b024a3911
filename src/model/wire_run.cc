// Runs: what was asked, how far they are, and what a dry run would do.

#include "model/wire.h"
#include "model/wire_format.h"

namespace connector {
namespace {

using wire::Reader;
using wire::Writer;

// The closed lists as far as they are known: a higher number is damage.
constexpr SkipReason kLastSkipReason = SkipReason::kErased;
constexpr FailureReason kLastFailureReason = FailureReason::kOtherCurrency;

enum OptionBits : uint8_t {
  kFull = 1U << 0,
  kDryRun = 1U << 1,
  kFilterId = 1U << 2,
  kListId = 1U << 3,
  kConfirmSweep = 1U << 4,
};

template <typename Reason>
void WriteCounts(Writer& out, const std::map<Reason, int64_t>& counts) {
  out.Unsigned(counts.size());
  for (const auto& [reason, count] : counts) {
    out.Name(reason);
    out.Signed(count);
  }
}

template <typename Reason>
std::map<Reason, int64_t> ReadCounts(Reader& in, Reason last) {
  std::map<Reason, int64_t> counts;
  for (size_t left = in.Count(); left > 0 && !in.failed(); --left) {
    const Reason reason = in.Name(last);
    counts[reason] = in.Signed();
  }
  return counts;
}

}  // namespace

std::string Encode(const RunOptions& options) {
  Writer out(32);
  uint8_t bits = 0;
  if (options.mode == RunMode::kFull) bits |= kFull;
  if (options.dry_run) bits |= kDryRun;
  if (options.filter_id) bits |= kFilterId;
  if (options.list_id) bits |= kListId;
  if (options.confirm_sweep) bits |= kConfirmSweep;
  out.Byte(bits);
  if (options.filter_id) out.Signed(*options.filter_id);
  if (options.list_id) out.Signed(*options.list_id);
  out.Numbers(options.ids);
  out.Signed(options.stop_after_failures);
  out.Texts(options.names);
  return out.Finish();
}

absl::StatusOr<RunOptions> DecodeRunOptions(std::string_view bytes) {
  Reader in(bytes);
  RunOptions options;
  const uint8_t bits = in.Byte();
  options.mode = bits & kFull ? RunMode::kFull : RunMode::kIncremental;
  options.dry_run = bits & kDryRun;
  options.confirm_sweep = bits & kConfirmSweep;
  if (bits & kFilterId) options.filter_id = in.Signed();
  if (bits & kListId) options.list_id = in.Signed();
  options.ids = in.Numbers();
  options.stop_after_failures = in.Signed();
  if (in.More()) options.names = in.Texts();
  if (in.failed()) return ReadStatus(in, "run options");
  return options;
}

std::string Encode(const RunProgress& progress) {
  Writer out(128);
  out.Name(progress.phase);
  out.Signed(progress.pages);
  out.Signed(progress.read);
  out.Signed(progress.created);
  out.Signed(progress.updated);
  out.Signed(progress.unchanged);
  WriteCounts(out, progress.skipped);
  WriteCounts(out, progress.failed);
  out.Signed(progress.pipedrive_calls);
  out.Signed(progress.pipedrive_tokens);
  out.Signed(progress.brevo_calls);
  out.Signed(progress.brevo_writes);
  out.Texts(progress.warnings);
  out.Unsigned(progress.full ? 1 : 0);
  out.Signed(progress.planned.single_writes);
  out.Signed(progress.planned.import_jobs);
  out.Signed(progress.planned.import_bytes);
  out.Signed(progress.persons_created);
  out.Signed(progress.persons_updated);
  out.Signed(progress.planned.person_writes);
  out.Signed(progress.planned.pipedrive_tokens);
  return out.Finish();
}

absl::StatusOr<RunProgress> DecodeRunProgress(std::string_view bytes) {
  Reader in(bytes);
  RunProgress progress;
  progress.phase = in.Name(RunPhase::kDone);
  progress.pages = in.Signed();
  progress.read = in.Signed();
  progress.created = in.Signed();
  progress.updated = in.Signed();
  progress.unchanged = in.Signed();
  progress.skipped = ReadCounts(in, kLastSkipReason);
  progress.failed = ReadCounts(in, kLastFailureReason);
  progress.pipedrive_calls = in.Signed();
  progress.pipedrive_tokens = in.Signed();
  progress.brevo_calls = in.Signed();
  progress.brevo_writes = in.Signed();
  progress.warnings = in.Texts();
  progress.full = in.Unsigned() != 0;
  progress.planned.single_writes = in.Signed();
  progress.planned.import_jobs = in.Signed();
  progress.planned.import_bytes = in.Signed();
  if (in.More()) {
    progress.persons_created = in.Signed();
    progress.persons_updated = in.Signed();
    progress.planned.person_writes = in.Signed();
    progress.planned.pipedrive_tokens = in.Signed();
  }
  if (in.failed()) return ReadStatus(in, "run progress");
  return progress;
}

std::string Encode(const PlannedChange& change) {
  Writer out(256);
  out.Signed(change.person_id);
  out.Text(change.email);
  out.Name(change.action);
  out.Unsigned(change.fields.size());
  for (const PlannedChange::Field& field : change.fields) {
    out.Text(field.attribute);
    out.Text(field.before);
    out.Text(field.after);
    out.Text(field.reason);
  }
  out.Numbers(change.join_lists);
  out.Numbers(change.leave_lists);
  out.Text(change.reason);
  out.Bool(change.skip.has_value());
  if (change.skip) out.Name(*change.skip);
  out.Unsigned(change.dropped.size());
  for (const PlannedChange::Dropped& dropped : change.dropped) {
    out.Text(dropped.attribute);
    out.Name(dropped.reason);
    out.Text(dropped.detail);
  }
  for (const PlannedChange::Field& field : change.fields) out.Bool(field.to_pipedrive);
  return out.Finish();
}

absl::StatusOr<PlannedChange> DecodePlannedChange(std::string_view bytes) {
  Reader in(bytes);
  PlannedChange change;
  change.person_id = in.Signed();
  change.email = in.TextView();
  change.action = in.Name(PlannedChange::Action::kDelete);
  change.fields.resize(in.Count());
  for (PlannedChange::Field& field : change.fields) {
    field.attribute = in.TextView();
    field.before = in.TextView();
    field.after = in.TextView();
    field.reason = in.TextView();
  }
  change.join_lists = in.Numbers();
  change.leave_lists = in.Numbers();
  change.reason = in.TextView();
  if (in.More()) {
    if (in.Bool()) change.skip = in.Name(kLastSkipReason);
    change.dropped.resize(in.Count());
    for (PlannedChange::Dropped& dropped : change.dropped) {
      dropped.attribute = in.TextView();
      dropped.reason = in.Name(kLastFailureReason);
      dropped.detail = in.TextView();
    }
  }
  if (in.More()) {
    for (PlannedChange::Field& field : change.fields) field.to_pipedrive = in.Bool();
  }
  if (in.failed()) return ReadStatus(in, "planned change");
  return change;
}

}  // namespace connector
