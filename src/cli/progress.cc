#include "cli/progress.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "cli/table.h"

namespace connector::cli {
namespace {

std::string WithoutPrefix(const std::string& name, std::string_view prefix) {
  return AsciiLower(name.starts_with(prefix) ? std::string_view(name).substr(prefix.size())
                                             : std::string_view("unknown"));
}

Time ToTime(const google::protobuf::Timestamp& time) {
  return Time(std::chrono::seconds(time.seconds()) +
              std::chrono::microseconds(time.nanos() / 1000));
}

double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

std::string_view PhaseText(v1::RunPhase phase) {
  switch (phase) {
    case v1::RUN_PHASE_PREPARE:
      return "preparing";
    case v1::RUN_PHASE_READ_BREVO:
      return "reading Brevo";
    case v1::RUN_PHASE_READ_PIPEDRIVE:
      return "reading Pipedrive";
    case v1::RUN_PHASE_CONVERGE:
      return "writing";
    case v1::RUN_PHASE_SETTLE:
      return "waiting for Brevo's imports";
    case v1::RUN_PHASE_DONE:
      return "done";
    default:
      return "starting";
  }
}

// Of the whole time the run is expected to take; by phases while no end is in sight.
double ShareDone(const v1::RunProgress& progress, Time now) {
  if (IsFinal(progress.state())) return 1;
  if (progress.has_started_at() && progress.has_estimated_end()) {
    const Time start = ToTime(progress.started_at());
    const double whole = Seconds(ToTime(progress.estimated_end()) - start);
    if (whole > 0) return std::clamp(Seconds(now - start) / whole, 0.0, 0.99);
  }
  return std::max(0, progress.phase() - 1) / 5.0;
}

// True if only a field was lost and the rest of its record was written.
bool IsFieldLoss(v1::FailureReason reason) {
  switch (reason) {
    case v1::FAILURE_REASON_INVALID_PHONE:
    case v1::FAILURE_REASON_INVALID_VALUE:
    case v1::FAILURE_REASON_DUPLICATE_PHONE:
    case v1::FAILURE_REASON_DUPLICATE_EXT_ID:
    case v1::FAILURE_REASON_IDENTIFIER_CONFLICT:
    case v1::FAILURE_REASON_REFUSED_BY_BREVO:
    case v1::FAILURE_REASON_FIELD_MISSING:
    case v1::FAILURE_REASON_OTHER_CURRENCY:
      return true;
    default:
      return false;
  }
}

std::vector<v1::FailureCount> FailuresOf(const v1::RunProgress& progress, bool field_losses) {
  std::vector<v1::FailureCount> counts;
  for (const v1::FailureCount& count : progress.failed()) {
    if (IsFieldLoss(count.reason()) == field_losses) counts.push_back(count);
  }
  return counts;
}

int64_t Failed(const v1::RunProgress& progress) {
  int64_t sum = 0;
  for (const v1::FailureCount& count : FailuresOf(progress, false)) sum += count.count();
  return sum;
}

std::string Counts(const v1::RunProgress& progress) {
  std::string text = absl::StrCat(Grouped(progress.read()), " read, ", Grouped(progress.created()),
                                  " created, ", Grouped(progress.updated()), " updated, ",
                                  Grouped(progress.unchanged()), " unchanged");
  if (const int64_t failed = Failed(progress); failed > 0) {
    absl::StrAppend(&text, ", ", Grouped(failed), " failed");
  }
  return text;
}

// "no_email 60, deleted 3", the most frequent first.
template <typename Counts>
std::string Reasons(const Counts& counts, int64_t& sum) {
  std::vector<std::pair<int64_t, std::string>> sorted;
  for (const auto& count : counts) {
    if (count.count() != 0) sorted.emplace_back(count.count(), Name(count.reason()));
    sum += count.count();
  }
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  std::string text;
  for (const auto& [count, name] : sorted) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", name, " ", Grouped(count));
  }
  return text;
}

void AddLists(std::string_view verb,
              const google::protobuf::RepeatedPtrField<v1::ListReason>& lists, std::string& text) {
  for (const v1::ListReason& list : lists) {
    absl::StrAppend(&text, "    ", ToAbsl(verb), " list ", list.list_id(),
                    list.name().empty() ? "" : " " + Printable(list.name()),
                    list.reason().empty() ? "" : " (" + Printable(list.reason()) + ")", "\n");
  }
}

}  // namespace

std::string Name(v1::RunKind kind) { return WithoutPrefix(v1::RunKind_Name(kind), "RUN_KIND_"); }
std::string Name(v1::RunState state) {
  return WithoutPrefix(v1::RunState_Name(state), "RUN_STATE_");
}
std::string Name(v1::RunPhase phase) {
  return WithoutPrefix(v1::RunPhase_Name(phase), "RUN_PHASE_");
}
std::string Name(v1::SyncMode mode) { return WithoutPrefix(v1::SyncMode_Name(mode), "SYNC_MODE_"); }
std::string Name(v1::SkipReason reason) {
  return WithoutPrefix(v1::SkipReason_Name(reason), "SKIP_REASON_");
}
std::string Name(v1::FailureReason reason) {
  return WithoutPrefix(v1::FailureReason_Name(reason), "FAILURE_REASON_");
}
std::string Name(v1::RecordKind kind) {
  return WithoutPrefix(v1::RecordKind_Name(kind), "RECORD_KIND_");
}

bool IsFinal(v1::RunState state) {
  return state == v1::RUN_STATE_SUCCEEDED || state == v1::RUN_STATE_FAILED ||
         state == v1::RUN_STATE_CANCELLED;
}

std::string ProgressBar(const v1::RunProgress& progress, Time now, size_t width) {
  constexpr int kCells = 20;
  const double share = ShareDone(progress, now);
  const int full = static_cast<int>(share * kCells);
  std::string line = absl::StrFormat("[%s%s] %3.0f%%  %s  %s", std::string(full, '#'),
                                     std::string(kCells - full, '.'), share * 100,
                                     ToAbsl(PhaseText(progress.phase())), Counts(progress));
  if (progress.records_per_second() > 0) {
    absl::StrAppend(&line, absl::StrFormat("  %.0f/s", progress.records_per_second()));
  }
  if (progress.has_estimated_end() && !IsFinal(progress.state())) {
    const double left = Seconds(ToTime(progress.estimated_end()) - now);
    if (left > 0) absl::StrAppend(&line, "  ", ShortDuration(left), " left");
  }
  if (line.size() > width) line.resize(width);
  return line;
}

std::string ProgressLine(const v1::RunProgress& progress) {
  std::string line = absl::StrCat(ToAbsl(PhaseText(progress.phase())), ": ", Counts(progress));
  if (progress.records_per_second() > 0) {
    absl::StrAppend(&line, absl::StrFormat(", %.0f records/s", progress.records_per_second()));
  }
  return line;
}

std::string Summary(const v1::RunProgress& progress) {
  std::string text = absl::StrCat(progress.dry_run() ? "Dry run " : "Run ", progress.run_id(), " (",
                                  Name(progress.kind()), ", ", Name(progress.mode()),
                                  "): ", Name(progress.state()), "\n");
  int64_t skipped = 0;
  int64_t failed = 0;
  const std::string skip_reasons = Reasons(progress.skipped(), skipped);
  int64_t lost = 0;
  const std::string failure_reasons = Reasons(FailuresOf(progress, false), failed);
  const std::string loss_reasons = Reasons(FailuresOf(progress, true), lost);
  const v1::ApiUsage& usage = progress.usage();
  const double seconds = DurationSeconds(progress);
  Table table;
  table.Add({"read", Grouped(progress.read())});
  table.Add({"created", Grouped(progress.created())});
  table.Add({"updated", Grouped(progress.updated())});
  table.Add({"unchanged", Grouped(progress.unchanged())});
  table.Add({"skipped", Grouped(skipped), skip_reasons});
  table.Add({"failed", Grouped(failed), failure_reasons});
  table.Add({"fields dropped", Grouped(lost), loss_reasons});
  table.Add({"Pipedrive calls", Grouped(usage.pipedrive_calls()),
             absl::StrCat(Grouped(usage.pipedrive_tokens()), " tokens")});
  table.Add({"Brevo calls", Grouped(usage.brevo_calls())});
  table.Add({"Brevo writes", Grouped(usage.brevo_writes())});
  text += table.Text("  ");
  if (seconds > 0) {
    absl::StrAppend(&text, "  ", ShortDuration(seconds),
                    absl::StrFormat(", %.0f records/s\n", progress.read() / seconds));
  }
  if (progress.has_planned_cost()) {
    const v1::PlannedCost& cost = progress.planned_cost();
    absl::StrAppend(&text, "  would cost ", Grouped(cost.single_writes()), " single writes and ",
                    Grouped(cost.import_jobs()), " imports at Brevo\n");
  }
  for (const std::string& warning : progress.warnings()) {
    absl::StrAppend(&text, "  warning: ", Printable(warning), "\n");
  }
  if (!progress.error().empty())
    absl::StrAppend(&text, "  error: ", Printable(progress.error()), "\n");
  if (failed + lost > 0) {
    absl::StrAppend(&text, "  see: pipedrive-connector failures list --run ", progress.run_id(),
                    "\n");
  }
  return text;
}

std::string PlannedText(const v1::PlannedChange& change) {
  const std::string action =
      WithoutPrefix(v1::PlannedAction_Name(change.action()), "PLANNED_ACTION_");
  std::string text = absl::StrCat(action, " person ", change.person_id());
  if (!change.email().empty()) absl::StrAppend(&text, " ", Printable(change.email()));
  if (change.skip_reason() != v1::SKIP_REASON_UNSPECIFIED) {
    absl::StrAppend(&text, ": ", Name(change.skip_reason()));
  }
  if (!change.reason().empty()) absl::StrAppend(&text, " (", Printable(change.reason()), ")");
  text += "\n";
  for (const v1::FieldChange& field : change.fields()) {
    absl::StrAppend(&text, "    ", Printable(field.attribute()), ": \"", Printable(field.before()),
                    "\" -> \"", Printable(field.after()), "\"",
                    field.reason().empty() ? "" : " (" + Printable(field.reason()) + ")", "\n");
  }
  AddLists("join", change.lists_joined(), text);
  AddLists("leave", change.lists_left(), text);
  for (const v1::DroppedField& dropped : change.dropped()) {
    absl::StrAppend(&text, "    ", Printable(dropped.attribute()),
                    " dropped: ", Name(dropped.reason()), " ", Printable(dropped.detail()), "\n");
  }
  return text;
}

double DurationSeconds(const v1::RunProgress& progress) {
  if (!progress.has_started_at() || !progress.has_finished_at()) return 0;
  return Seconds(ToTime(progress.finished_at()) - ToTime(progress.started_at()));
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0) return "";
  std::string text = FormatSeconds(ToTime(time));
  std::replace(text.begin(), text.end(), 'T', ' ');
  if (text.ends_with('Z')) text.pop_back();
  return text;
}

}  // namespace connector::cli
