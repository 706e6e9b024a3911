#include "sync/import_settler.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "sync/plan.h"
#include "sync/plan_batch.h"

namespace connector::sync {
namespace {

constexpr int kRowsPerCommit = 500;
// The first question comes soon, since small jobs are done within seconds.
constexpr Duration kFirstPoll = std::chrono::seconds(2);
constexpr Duration kLongestPoll = std::chrono::minutes(2);
constexpr Duration kGiveUpAfter = std::chrono::hours(1);
// A job may take a moment to be listed; one that stays away is lost.
constexpr int kMissedPolls = 5;
// Brevo lists no more than its newest 50 jobs, other users' among them.

// Identifiers a write carries: claimed when it was planned.
std::vector<Identifier> Carried(const ContactWrite& write) {
  std::vector<Identifier> carried = {{Identifier::Kind::kEmail, AsciiLower(write.email)}};
  if (write.ext_id) carried.push_back({Identifier::Kind::kExtId, *write.ext_id});
  for (const auto& [name, value] : write.attributes) {
    if (const auto kind = IdentifierKindOf(name)) {
      carried.push_back({*kind, PhoneDigits(ToText(value))});
    }
  }
  return carried;
}

const brevo::Process* FindProcess(const std::vector<brevo::Process>& processes, int64_t id) {
  const auto found = std::find_if(processes.begin(), processes.end(),
                                  [id](const brevo::Process& process) { return process.id == id; });
  return found == processes.end() ? nullptr : &*found;
}

}  // namespace

absl::StatusOr<std::vector<store::ImportJob>> ImportSettler::OpenJobs() {
  const std::string& connection = accounts_.settings.connection;
  CONNECTOR_ASSIGN_OR_RETURN(const auto jobs, store_.OpenImports(connection));
  std::vector<store::ImportJob> ours;
  for (const store::ImportJob& job : jobs) {
    if (job.run_id != run_id_) {
      // What is converged without a run has its own settler, which is always there.
      if (job.run_id.empty() || run_id_.empty()) continue;
      const absl::StatusOr<Run> other = store_.GetRun(connection, job.run_id);
      if (other.ok() && !IsFinal(other->state)) continue;
      if (!other.ok() && !absl::IsNotFound(other.status())) return other.status();
    }
    ours.push_back(job);
  }
  return ours;
}

absl::Status ImportSettler::Recover() {
  const std::string& connection = accounts_.settings.connection;
  CONNECTOR_ASSIGN_OR_RETURN(const auto jobs, OpenJobs());
  for (const store::ImportJob& job : jobs) {
    if (job.state == store::ImportState::kSent) continue;
    CONNECTOR_RETURN_IF_ERROR(store_.CloseImport(connection, job.id));
  }
  return absl::OkStatus();
}

absl::Status ImportSettler::Settle(const http::CallContext& context) {
  const Time give_up = accounts_.clock.Now() + kGiveUpAfter;
  Duration wait = kFirstPoll;
  while (true) {
    CONNECTOR_ASSIGN_OR_RETURN(const auto jobs, OpenJobs());
    if (jobs.empty()) return absl::OkStatus();
    if (accounts_.clock.Now() > give_up) {
      return absl::DeadlineExceededError(
          absl::StrCat("Brevo has not finished import process ", jobs.front().process_id,
                       " within an hour; it is asked for again by the next run"));
    }
    if (!accounts_.clock.SleepFor(wait, context.stop)) return absl::AbortedError("stopped");
    CONNECTOR_ASSIGN_OR_RETURN(const bool ended, SettleEnded(jobs, context));
    wait = ended ? kFirstPoll : std::min(wait * 3 / 2, kLongestPoll);
  }
}

// True if a job ended.
absl::StatusOr<bool> ImportSettler::SettleEnded(const std::vector<store::ImportJob>& jobs,
                                                const http::CallContext& context) {
  const std::string& connection = accounts_.settings.connection;
  CONNECTOR_ASSIGN_OR_RETURN(const auto processes, accounts_.brevo.ListProcesses(context));
  bool ended = false;
  for (const store::ImportJob& job : jobs) {
    const brevo::Process* process = FindProcess(processes, job.process_id);
    if (process == nullptr) {
      if (++missed_[job.id] < kMissedPolls) continue;
      warnings_.push_back(absl::StrCat("Brevo no longer lists import process ", job.process_id,
                                       "; its contacts are written again"));
      CONNECTOR_RETURN_IF_ERROR(store_.CloseImport(connection, job.id));
    } else if (process->state == brevo::Process::State::kCompleted) {
      CONNECTOR_RETURN_IF_ERROR(SettleJob(job, *process, context));
    } else if (process->state == brevo::Process::State::kFailed) {
      warnings_.push_back(absl::StrCat("Brevo failed import process ", job.process_id,
                                       "; its contacts are written again"));
      CONNECTOR_RETURN_IF_ERROR(store_.CloseImport(connection, job.id));
    } else {
      continue;
    }
    ended = true;
    ++ended_jobs_;
  }
  return ended;
}

absl::Status ImportSettler::SettleJob(const store::ImportJob& job, const brevo::Process& process,
                                      const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(RefusedRows refused, ReadReports(process, context));
  CONNECTOR_RETURN_IF_ERROR(AddUnnamed(job, process, context, refused));
  CONNECTOR_RETURN_IF_ERROR(SettleRows(job, refused));
  return store_.CloseImport(accounts_.settings.connection, job.id);
}

// Older answers only count what they refused.
absl::Status ImportSettler::AddUnnamed(const store::ImportJob& job, const brevo::Process& process,
                                       const http::CallContext& context, RefusedRows& refused) {
  const auto counts = [](const auto& entry) { return entry.second > 0; };
  if (std::none_of(process.counts.begin(), process.counts.end(), counts)) return absl::OkStatus();
  CONNECTOR_ASSIGN_OR_RETURN(std::optional<RefusedRows> found,
                             FindRefusedRows(accounts_, store_, job, process, context));
  if (found) {
    refused.merge(*found);
    return absl::OkStatus();
  }
  for (const auto& [name, count] : process.counts) {
    if (count == 0) continue;
    warnings_.push_back(absl::StrCat("Brevo counts ", count, " rows of import ", process.id, " as ",
                                     name,
                                     " without naming them; the next full run finds "
                                     "and repairs them"));
  }
  return absl::OkStatus();
}

absl::StatusOr<RefusedRows> ImportSettler::ReadReports(const brevo::Process& process,
                                                       const http::CallContext& context) {
  RefusedRows refused;
  for (const auto& [name, url] : process.reports) {
    const std::optional<std::string_view> attribute = AttributeOfReport(name);
    if (!attribute) {
      warnings_.push_back(
          absl::StrCat("import ", process.id, " has a report of unknown kind: ", name));
      continue;
    }
    const absl::Status read = accounts_.brevo.ReadReport(
        url,
        [&](std::string_view email) {
          refused[AsciiLower(Trim(email))].insert(std::string(*attribute));
        },
        context);
    if (!read.ok()) return Annotate(read, absl::StrCat("report ", name, " of import ", process.id));
  }
  return refused;
}

absl::Status ImportSettler::SettleRows(const store::ImportJob& job, const RefusedRows& refused) {
  const std::string& connection = accounts_.settings.connection;
  while (true) {
    CONNECTOR_ASSIGN_OR_RETURN(const auto rows,
                               store_.ImportRows(connection, job.id, 0, kRowsPerCommit));
    if (rows.empty()) return absl::OkStatus();
    std::vector<int64_t> keys;
    keys.reserve(rows.size());
    for (const store::ImportRow& row : rows) keys.push_back(row.contact_key);
    CONNECTOR_ASSIGN_OR_RETURN(auto states, store_.GetContacts(connection, keys));
    std::map<int64_t, ContactState*> by_key;
    for (ContactState& state : states) by_key[state.key] = &state;
    std::vector<store::Settlement> settlements;
    settlements.reserve(rows.size());
    for (const store::ImportRow& row : rows) {
      const auto found = by_key.find(row.contact_key);
      if (found == by_key.end()) {
        return absl::DataLossError(absl::StrCat("import row of unknown contact ", row.contact_key));
      }
      settlements.push_back(SettleRow(row, std::move(*found->second), refused));
    }
    CONNECTOR_RETURN_IF_ERROR(store_.SettleImportRows(connection, job.id, settlements,
                                                      tally_.TakeFailures(), tally_.Update()));
  }
}

void ImportSettler::Count(const store::ImportRow& row) {
  switch (row.counts) {
    case store::ImportRow::Counts::kCreated:
      return tally_.Created();
    case store::ImportRow::Counts::kUpdated:
      return tally_.Updated();
    case store::ImportRow::Counts::kNothing:
      return;
  }
}

store::Settlement ImportSettler::SettleRow(const store::ImportRow& row, ContactState state,
                                           const RefusedRows& refused) {
  store::Settlement settlement;
  settlement.version = row.version;
  settlement.before = state;
  const std::string& email = row.write.email;
  const auto found = refused.find(AsciiLower(email));
  if (found == refused.end()) {
    RecordWrite(state, row.write);
    Count(row);
  } else if (found->second.count("") > 0) {
    RecordRefusal(state, "EMAIL", AsciiLower(email));
    if (row.counts != store::ImportRow::Counts::kNothing) {
      tally_.Failed("contact", email, FailureReason::kInvalidEmail, "",
                    "Brevo refused the address");
    }
  } else {
    // The rest of the row goes once more without what was refused.
    settlement.keep_mark = true;
    for (const std::string& attribute : found->second) {
      RecordRefusal(state, attribute, WrittenIdentifier(row.write, attribute));
      tally_.Failed(
          "contact", email,
          attribute == "EXT_ID" ? FailureReason::kDuplicateExtId : FailureReason::kDuplicatePhone,
          attribute, "another contact has it; the rest of the record is written");
    }
  }
  settlement.state = std::move(state);
  settlement.released = Unused(Carried(row.write), settlement.state);
  return settlement;
}

}  // namespace connector::sync
