// SqlStore: deals with their way through the stages.

#include "store/sql_report.h"

#include "base/status.h"
#include "base/time_format.h"
#include "model/wire.h"
#include "store/sql_contacts.h"
#include "store/sql_store.h"

namespace connector::store {
namespace {

// A page of deals by id, and what is read beside it in the same order.
class HistoryPage {
 public:
  HistoryPage(SqlHandle& db, int64_t conn, int64_t after_id)
      : db_(db), conn_(conn), after_(after_id) {}

  absl::Status ReadDeals(int limit) {
    SqlQuery query = db_.Query(
        "SELECT body FROM deals WHERE conn = ? AND id > ? AND status <> ? ORDER BY id LIMIT ?",
        conn_, after_, static_cast<int>(DealStatus::kDeleted), limit);
    while (true) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
      if (!more) return absl::OkStatus();
      CONNECTOR_ASSIGN_OR_RETURN(Deal deal, DecodeDeal(query.Bytes(0)));
      page_.push_back({std::move(deal), {}});
    }
  }

  absl::Status ReadMoves() {
    return ForEach(db_.Query("SELECT deal, from_stage, to_stage, at FROM stage_moves "
                             "WHERE conn = ? AND deal > ? AND deal <= ? ORDER BY deal, at",
                             conn_, after_, Last()),
                   [](const SqlQuery& row, DealHistory& history) {
                     history.moves.push_back({row.Int(0), row.Int(1), row.Int(2), row.Instant(3)});
                     return absl::OkStatus();
                   });
  }

  // CROSS JOIN: SQLite keeps this order, and finds the one person of each deal by its key.
  absl::Status ReadPersons() {
    return ForEach(db_.Query("SELECT d.id, p.body FROM deals AS d CROSS JOIN persons AS p "
                             "WHERE d.conn = ? AND d.id > ? AND d.id <= ? AND p.conn = d.conn "
                             "AND p.id = d.person ORDER BY d.id",
                             conn_, after_, Last()),
                   [](const SqlQuery& row, DealHistory& history) -> absl::Status {
                     CONNECTOR_ASSIGN_OR_RETURN(history.person, DecodePerson(row.Bytes(1)));
                     return absl::OkStatus();
                   });
  }

  absl::Status ReadContacts() {
    return ForEach(db_.Query("SELECT d.id, c.key, c.body FROM deals AS d CROSS JOIN persons AS p "
                             "CROSS JOIN contacts AS c WHERE d.conn = ? AND d.id > ? AND d.id <= ? "
                             "AND p.conn = d.conn AND p.id = d.person AND c.conn = p.conn "
                             "AND c.key = p.contact ORDER BY d.id",
                             conn_, after_, Last()),
                   [](const SqlQuery& row, DealHistory& history) -> absl::Status {
                     CONNECTOR_ASSIGN_OR_RETURN(history.contact,
                                                DecodeContact(row.Int(1), row.Bytes(2)));
                     return absl::OkStatus();
                   });
  }

  absl::Status ReadLeads() {
    for (DealHistory& history : page_) {
      if (history.deal.source_lead_id.empty()) continue;
      SqlQuery query = db_.Query("SELECT body FROM leads WHERE conn = ? AND id = ?", conn_,
                                 history.deal.source_lead_id);
      CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
      if (!found) continue;
      CONNECTOR_ASSIGN_OR_RETURN(history.lead, DecodeLead(query.Bytes(0)));
    }
    return absl::OkStatus();
  }

  bool empty() const { return page_.empty(); }
  std::vector<DealHistory> Take() && { return std::move(page_); }

 private:
  int64_t Last() const { return page_.back().deal.id; }

  // Rows come by deal; those of deals that are not in the page are passed over.
  template <typename Add>
  absl::Status ForEach(SqlQuery query, Add add) {
    auto at = page_.begin();
    while (true) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
      if (!more) return absl::OkStatus();
      while (at != page_.end() && at->deal.id < query.Int(0)) ++at;
      if (at == page_.end()) return absl::OkStatus();
      if (at->deal.id == query.Int(0)) CONNECTOR_RETURN_IF_ERROR(add(query, *at));
    }
  }

  SqlHandle& db_;
  const int64_t conn_;
  const int64_t after_;
  std::vector<DealHistory> page_;
};

}  // namespace

absl::Status NoteStagesObserved(SqlSession& session) {
  return session.db().Execute(
      "INSERT INTO watermarks (conn, name, value) VALUES (?, ?, ?) "
      "ON CONFLICT (conn, name) DO NOTHING",
      session.conn(), kStagesObservedSince, FormatTimestamp(session.now()));
}

absl::StatusOr<std::vector<DealHistory>> SqlStore::DealHistoriesAfter(std::string_view connection,
                                                                      int64_t after_id,
                                                                      Beside beside, int limit) {
  std::vector<DealHistory> histories;
  const absl::Status done = Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    HistoryPage page(db, conn, after_id);
    CONNECTOR_RETURN_IF_ERROR(page.ReadDeals(limit));
    if (page.empty()) return absl::OkStatus();
    CONNECTOR_RETURN_IF_ERROR(page.ReadMoves());
    switch (beside) {
      case Beside::kNothing:
        break;
      case Beside::kPerson:
        CONNECTOR_RETURN_IF_ERROR(page.ReadPersons());
        break;
      case Beside::kContact:
        CONNECTOR_RETURN_IF_ERROR(page.ReadContacts());
        break;
      case Beside::kLead:
        CONNECTOR_RETURN_IF_ERROR(page.ReadLeads());
        break;
    }
    histories = std::move(page).Take();
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  return histories;
}

}  // namespace connector::store
