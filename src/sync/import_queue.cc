#include "sync/import_queue.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "brevo/import_body.h"
#include "sync/cost_estimate.h"

namespace connector::sync {
namespace {

// Rows that go to the store in one transaction.
constexpr size_t kRowsPerCommit = 500;
// Room for what is around the rows of a body and for estimates that were short.
constexpr size_t kBodyReserve = 64 * 1024;

}  // namespace

ImportQueue::ImportQueue(const Accounts& accounts, const Planning& planning, store::Store& store,
                         std::string run_id)
    : accounts_(accounts), planning_(planning), store_(store), run_id_(std::move(run_id)) {}

absl::Status ImportQueue::Add(const PlannedContact& contact, const http::CallContext& context) {
  if (contact.plan.state != contact.bundle.state) {
    // What both sides were found to agree on is kept now: the job's end knows only what was
    // written.
    agreements_.push_back({.state = contact.plan.state,
                           .version = contact.bundle.version,
                           .keep_mark = true,
                           .before = contact.bundle.state});
  }
  for (ListRow& row : ImportRowsOf(planning_, contact.plan)) {
    CONNECTOR_RETURN_IF_ERROR(AddRow(contact, std::move(row), context));
  }
  return absl::OkStatus();
}

absl::Status ImportQueue::AddRow(const PlannedContact& contact, ListRow row,
                                 const http::CallContext& context) {
  const size_t size = ImportRowSize(row.write);
  CONNECTOR_ASSIGN_OR_RETURN(Building * building, BuildingFor(row.list_id));
  if (building->bytes + size + kBodyReserve > brevo::ImportBody::kMaxBytes) {
    CONNECTOR_RETURN_IF_ERROR(Send(row.list_id, context));
    CONNECTOR_ASSIGN_OR_RETURN(building, BuildingFor(row.list_id));
  }
  building->bytes += size;
  building->rows.push_back({.contact_key = contact.bundle.state.key,
                            .version = contact.bundle.version,
                            .counts = row.counts,
                            .write = std::move(row.write)});
  return building->rows.size() < kRowsPerCommit ? absl::OkStatus() : Flush(*building);
}

absl::StatusOr<ImportQueue::Building*> ImportQueue::BuildingFor(int64_t list_id) {
  Building& building = building_[list_id];
  if (building.job_id == 0) {
    store::ImportJob job;
    job.run_id = run_id_;
    job.kind = list_id == planning_.all_contacts_list ? store::ImportKind::kAttributes
                                                      : store::ImportKind::kMembership;
    job.list_id = list_id;
    job.created_at = accounts_.clock.Now();
    CONNECTOR_ASSIGN_OR_RETURN(building.job_id,
                               store_.CreateImport(accounts_.settings.connection, job));
  }
  return &building;
}

absl::Status ImportQueue::Flush(Building& building) {
  const std::string& connection = accounts_.settings.connection;
  if (!agreements_.empty()) {
    CONNECTOR_RETURN_IF_ERROR(store_.SettleContacts(connection, agreements_, {}, nullptr));
    agreements_.clear();
  }
  CONNECTOR_RETURN_IF_ERROR(store_.AppendImportRows(connection, building.job_id, building.rows));
  building.rows.clear();
  return absl::OkStatus();
}

absl::Status ImportQueue::Finish(const http::CallContext& context) {
  while (!building_.empty()) {
    CONNECTOR_RETURN_IF_ERROR(Send(building_.begin()->first, context));
  }
  return absl::OkStatus();
}

absl::Status ImportQueue::Send(int64_t list_id, const http::CallContext& context) {
  const std::string& connection = accounts_.settings.connection;
  // All of them: a contact's rows in other jobs must be known before the end of this one can clear
  // its mark.
  for (auto& [list, building] : building_) CONNECTOR_RETURN_IF_ERROR(Flush(building));
  const int64_t job_id = building_[list_id].job_id;
  brevo::ImportBody body(list_id, building_[list_id].bytes + kBodyReserve);
  building_.erase(list_id);

  int64_t after = 0;
  while (true) {
    CONNECTOR_ASSIGN_OR_RETURN(
        const auto rows,
        store_.ImportRows(connection, job_id, after, static_cast<int>(kRowsPerCommit)));
    if (rows.empty()) break;
    for (const store::ImportRow& row : rows) {
      if (!body.Append(row.write)) {
        return absl::InternalError(absl::StrCat("import job ", job_id, " outgrew its body"));
      }
    }
    after = rows.back().contact_key;
  }
  body.Finish();
  CONNECTOR_RETURN_IF_ERROR(store_.MarkImport(connection, job_id, store::ImportState::kIntent, 0));
  const absl::StatusOr<int64_t> process = accounts_.brevo.StartImport(body, context);
  if (!process.ok()) {
    // Sent or not, its rows are written again from fresh state: an import of the same values does
    // no harm twice.
    CONNECTOR_RETURN_IF_ERROR(store_.CloseImport(connection, job_id));
    return Annotate(process.status(), absl::StrCat("import of ", body.rows(), " contacts"));
  }
  ++jobs_sent_;
  accounts_.log.Info("import sent", {{"run", run_id_},
                                     {"process", *process},
                                     {"list", list_id},
                                     {"rows", body.rows()},
                                     {"bytes", body.bytes()}});
  return store_.MarkImport(connection, job_id, store::ImportState::kSent, *process);
}

}  // namespace connector::sync
