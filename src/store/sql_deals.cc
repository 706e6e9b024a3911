// SqlStore: the table of deals.

#include "store/sql_deals.h"

#include "base/status.h"
#include "model/wire.h"
#include "store/sql_marks.h"
#include "store/sql_report.h"
#include "store/sql_run_rows.h"
#include "store/sql_store.h"

namespace connector::store {
namespace {

struct StoredDeal {
  std::optional<int64_t> person;
  std::optional<Time> updated_at;
  DealFigures figures;
  bool same_body = false;
};

DealFigures ReadFigures(const SqlQuery& query, int64_t id, int first) {
  DealFigures figures;
  figures.deal_id = id;
  figures.status = static_cast<DealStatus>(query.Int(first));
  figures.pipeline_id = query.Int(first + 1);
  figures.stage_id = query.Int(first + 2);
  figures.currency = query.Text(first + 3);
  figures.millionths = query.Int(first + 4);
  figures.closed_at = query.Instant(first + 5);
  return figures;
}

absl::StatusOr<std::optional<StoredDeal>> ReadDeal(SqlSession& session, int64_t id,
                                                   std::string_view body) {
  SqlQuery query = session.db().Query(
      "SELECT person, updated_at, body, status, pipeline, stage, currency, millionths, closed_at "
      "FROM deals WHERE conn = ? AND id = ?",
      session.conn(), id);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (!found) return std::nullopt;
  return StoredDeal{query.OptionalInt(0), query.OptionalInstant(1), ReadFigures(query, id, 3),
                    query.Bytes(2) == body};
}

absl::Status WriteDeal(SqlSession& session, const Deal& deal, std::optional<Time> updated_at,
                       int64_t seen, std::string_view body) {
  const DealFigures figures = FiguresOf(deal);
  return session.db().Execute(
      "INSERT INTO deals (conn, id, person, status, pipeline, stage, currency, millionths, "
      "closed_at, added_at, updated_at, seen, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (conn, id) DO UPDATE SET person = excluded.person, status = excluded.status, "
      "pipeline = excluded.pipeline, stage = excluded.stage, currency = excluded.currency, "
      "millionths = excluded.millionths, closed_at = excluded.closed_at, "
      "added_at = excluded.added_at, updated_at = excluded.updated_at, "
      "seen = MAX(deals.seen, excluded.seen), body = excluded.body",
      session.conn(), deal.id, deal.person_id, static_cast<int>(deal.status), figures.pipeline_id,
      figures.stage_id, figures.currency, figures.millionths, figures.closed_at, deal.add_time,
      updated_at, seen, Blob{body});
}

absl::Status NoteSeen(SqlSession& session, int64_t id, int64_t run) {
  if (run == 0) return absl::OkStatus();
  return session.db().Execute("UPDATE deals SET seen = ? WHERE conn = ? AND id = ?", run,
                              session.conn(), id);
}

// A move that is told twice, by a page and by a webhook, is one.
absl::Status BookStageMove(SqlSession& session, const Deal& deal, int64_t from) {
  if (!deal.stage_id || *deal.stage_id == from || deal.is_deleted()) return absl::OkStatus();
  Time at = session.now();
  for (const std::optional<Time>& time :
       {deal.stage_change_time, from == 0 ? deal.add_time : deal.update_time}) {
    if (!time) continue;
    at = *time;
    break;
  }
  return session.db().Execute(
      "INSERT INTO stage_moves (conn, deal, at, from_stage, to_stage) VALUES (?, ?, ?, ?, ?) "
      "ON CONFLICT (conn, deal, at, to_stage) DO UPDATE SET from_stage = excluded.from_stage",
      session.conn(), deal.id, at, from, *deal.stage_id);
}

absl::Status MarkAffected(SqlSession& session, const std::optional<StoredDeal>& known,
                          const Deal& deal, const Folding& folding) {
  const bool same_person = known && known->person == deal.person_id;
  if (same_person && known->figures == FiguresOf(deal)) return absl::OkStatus();
  if (!known && deal.is_deleted()) return absl::OkStatus();
  if (known && known->person && !same_person) {
    CONNECTOR_RETURN_IF_ERROR(MarkContactOfPerson(session, *known->person, folding));
  }
  return deal.person_id ? MarkContactOfPerson(session, *deal.person_id, folding) : absl::OkStatus();
}

}  // namespace

absl::Status MarkContactOfPerson(SqlSession& session, int64_t person, const Folding& folding) {
  std::optional<int64_t> contact;
  {
    SqlQuery query = session.db().Query("SELECT contact FROM persons WHERE conn = ? AND id = ?",
                                        session.conn(), person);
    CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (!found) return absl::OkStatus();
    contact = query.OptionalInt(0);
  }
  return contact ? MarkContact(session, *contact, folding.run, folding.urgency) : absl::OkStatus();
}

absl::Status FoldDeal(SqlSession& session, const Deal& told, const Folding& folding, bool sees_all,
                      DealFold& counts) {
  const int64_t seen_by = sees_all ? folding.run : 0;
  Deal deal = told;
  deal.custom_fields.clear();  // webhooks tell them, lists don't, and nothing reads them
  const std::string body = Encode(deal);
  CONNECTOR_ASSIGN_OR_RETURN(const std::optional<StoredDeal> known,
                             ReadDeal(session, deal.id, body));
  if (known && known->updated_at && deal.update_time && *deal.update_time < *known->updated_at) {
    ++counts.stale;
    return NoteSeen(session, deal.id, seen_by);
  }
  if (known && known->same_body) {
    ++counts.unchanged;
    return NoteSeen(session, deal.id, seen_by);
  }
  ++(known ? counts.changed : counts.fresh);
  const std::optional<Time> updated_at =
      deal.update_time || !known ? deal.update_time : known->updated_at;
  CONNECTOR_RETURN_IF_ERROR(WriteDeal(session, deal, updated_at, seen_by, body));
  CONNECTOR_RETURN_IF_ERROR(BookStageMove(session, deal, known ? known->figures.stage_id : 0));
  return MarkAffected(session, known, deal, folding);
}

absl::StatusOr<bool> KnowsDeals(SqlHandle& db, int64_t conn) {
  SqlQuery query = db.Query("SELECT 1 FROM watermarks WHERE conn = ? AND name = ? AND value <> ''",
                            conn, kDealsSince);
  return query.Next();
}

absl::StatusOr<DealFacts> FactsOfPerson(SqlHandle& db, int64_t conn, int64_t person,
                                        int64_t without_deal) {
  DealFacts facts;
  SqlQuery query = db.Query(
      "SELECT id, status, pipeline, stage, currency, millionths, closed_at "
      "FROM deals INDEXED BY deals_by_person WHERE conn = ? AND person = ?",
      conn, person);
  while (true) {
    CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
    if (!more) return facts;
    if (query.Int(0) != without_deal) AddDeal(facts, ReadFigures(query, query.Int(0), 1));
  }
}

absl::StatusOr<DealFold> SqlStore::FinishDealsPage(const RunUpdate& update, std::string_view walk,
                                                   const Cursor& cursor,
                                                   const std::vector<Deal>& page, bool sees_all) {
  DealFold counts;
  const absl::Status done =
      Write(update.lease.connection, [&](SqlSession& session) -> absl::Status {
        counts = {};
        Folding folding;
        CONNECTOR_ASSIGN_OR_RETURN(folding.run, CommitProgress(session, update));
        if (sees_all) CONNECTOR_RETURN_IF_ERROR(NoteStagesObserved(session));
        for (const Deal& deal : page) {
          CONNECTOR_RETURN_IF_ERROR(FoldDeal(session, deal, folding, sees_all, counts));
        }
        return SaveCursor(session, folding.run, walk, cursor);
      });
  if (!done.ok()) return done;
  return counts;
}

absl::StatusOr<DealFold> SqlStore::FoldDeals(std::string_view connection,
                                             const std::vector<Deal>& deals) {
  DealFold counts;
  const absl::Status done = Write(connection, [&](SqlSession& session) -> absl::Status {
    counts = {};
    for (const Deal& deal : deals) {
      CONNECTOR_RETURN_IF_ERROR(
          FoldDeal(session, deal, {.urgency = Urgency::kPrompt}, /*sees_all=*/false, counts));
    }
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  return counts;
}

absl::StatusOr<std::vector<int64_t>> SqlStore::DealsNotSeen(const RunLease& lease, int64_t after_id,
                                                            int limit) {
  std::vector<int64_t> ids;
  CONNECTOR_RETURN_IF_ERROR(
      Read(lease.connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
        CONNECTOR_ASSIGN_OR_RETURN(const int64_t run, RunNumber(db, conn, lease.run_id));
        SqlQuery query = db.Query(
            "SELECT id FROM deals WHERE conn = ? AND id > ? AND seen <> ? AND status <> ? "
            "ORDER BY id LIMIT ?",
            conn, after_id, run, static_cast<int>(DealStatus::kDeleted), limit);
        while (true) {
          CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
          if (!more) return absl::OkStatus();
          ids.push_back(query.Int(0));
        }
      }));
  return ids;
}

absl::StatusOr<std::optional<Deal>> SqlStore::FindDeal(std::string_view connection, int64_t id) {
  std::optional<Deal> deal;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query = db.Query("SELECT body FROM deals WHERE conn = ? AND id = ?", conn, id);
    CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (!found) return absl::OkStatus();
    CONNECTOR_ASSIGN_OR_RETURN(deal, DecodeDeal(query.Bytes(0)));
    return absl::OkStatus();
  }));
  return deal;
}

absl::StatusOr<std::vector<StageMove>> SqlStore::StageMovesOf(std::string_view connection,
                                                              int64_t deal_id) {
  std::vector<StageMove> moves;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    SqlQuery query = db.Query(
        "SELECT from_stage, to_stage, at FROM stage_moves WHERE conn = ? AND deal = ? ORDER BY at",
        conn, deal_id);
    while (true) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
      if (!more) return absl::OkStatus();
      moves.push_back({deal_id, query.Int(0), query.Int(1), query.Instant(2)});
    }
  }));
  return moves;
}

absl::StatusOr<std::vector<int64_t>> SqlStore::UnknownPersons(std::string_view connection,
                                                              const std::vector<int64_t>& ids) {
  std::vector<int64_t> unknown;
  CONNECTOR_RETURN_IF_ERROR(Read(connection, [&](SqlHandle& db, int64_t conn) -> absl::Status {
    for (const int64_t id : ids) {
      SqlQuery query = db.Query("SELECT 1 FROM persons WHERE conn = ? AND id = ?", conn, id);
      CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
      if (!found) unknown.push_back(id);
    }
    return absl::OkStatus();
  }));
  return unknown;
}

}  // namespace connector::store
