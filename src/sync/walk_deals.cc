#include "sync/walk_deals.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/time_format.h"
#include "sync/page_walk.h"
#include "sync/seen_up_to.h"
#include "sync/walk_parts.h"
#include "sync/walk_persons.h"

namespace connector::sync {
namespace {

using pipedrive::DealSet;

struct SetWalk {
  DealSet set;
  std::string_view name;
};
constexpr std::array<SetWalk, 3> kSets = {{{DealSet::kCurrent, "deals"},
                                           {DealSet::kArchived, "deals.archived"},
                                           {DealSet::kDeleted, "deals.deleted"}}};
// Its cursor is up to when the walk has seen every change.
constexpr std::string_view kSeenUpTo = "deals.seen_up_to";
constexpr std::string_view kById = "deals.by_id";
constexpr std::string_view kGone = "deals.gone";

// Pipedrive lists deleted deals for 30 days: whoever looked longer ago has missed some.
constexpr Duration kDeletedListed = std::chrono::hours(24 * 29);
constexpr Duration kFreshFor = std::chrono::minutes(5);

// One walk under way.
class DealWalker {
 public:
  DealWalker(const Accounts& accounts, const Planning& planning, RunSession& session,
             const DealsWalk& walk)
      : accounts_(accounts), planning_(planning), session_(session), walk_(walk) {}

  absl::Status WalkSets() {
    CONNECTOR_ASSIGN_OR_RETURN(
        const std::string since,
        session_.work().GetWatermark(session_.connection(), store::kDealsSince));
    for (const SetWalk& set : kSets) {
      // A filter of the account's owner selects no deleted ones, and what was deleted before the
      // first walk counts for nobody.
      const bool first_walk = since.empty() && walk_.full;
      if ((walk_.filter_id || first_walk) && set.set == DealSet::kDeleted) continue;
      CONNECTOR_RETURN_IF_ERROR(WalkSet(set));
    }
    if (walk_.full && !walk_.filtered()) CONNECTOR_RETURN_IF_ERROR(LookForUnseen());
    return walk_.filtered() ? absl::OkStatus() : MoveWatermark();
  }

  absl::Status WalkIds() {
    return sync::WalkIds<int64_t>(session_, kById, walk_.ids,
                                  [this](std::vector<int64_t> some, const store::Cursor& next) {
                                    return ReadByIds(std::move(some), kById, next);
                                  });
  }

 private:
  absl::Status WalkSet(const SetWalk& set) {
    pipedrive::DealsQuery query;
    query.set = set.set;
    query.updated_since = walk_.since;
    query.filter_id = walk_.filter_id;
    const int64_t read_before = session_.progress().read;
    bool missing = false;
    CONNECTOR_RETURN_IF_ERROR(WalkPages<Deal>(
        session_, {.cursor = set.name,
                   .records = "deals",
                   .fetch = [&](const std::string& place, const http::CallContext& context)
                       -> absl::StatusOr<pipedrive::Page<Deal>> {
                     auto page = accounts_.pipedrive.ListDeals(query, place, context);
                     missing = absl::IsNotFound(page.status()) && set.set == DealSet::kArchived;
                     return missing ? pipedrive::Page<Deal>{} : std::move(page);
                   },
                   .finish =
                       [&](pipedrive::Page<Deal> page, bool first, const store::Cursor& next) {
                         return FinishList(std::move(page), first && set.set == DealSet::kCurrent,
                                           set.name, next);
                       },
                   .restart = [&] { session_.progress().read = read_before; }}));
    if (missing) {
      session_.Warn("this account gives no list of archived deals; they are left out");
    }
    return absl::OkStatus();
  }

  absl::Status FinishList(pipedrive::Page<Deal> page, bool first, std::string_view name,
                          const store::Cursor& next) {
    if (!walk_.filtered()) {
      CONNECTOR_RETURN_IF_ERROR(NoteSeenUpTo(
          session_, kSeenUpTo, page, first,
          [this](std::string_view noted, const auto& at) { return Finish({}, noted, at); }));
    }
    return FinishPage(std::move(page), name, next);
  }

  absl::Status FinishPage(pipedrive::Page<Deal> page, std::string_view name,
                          const store::Cursor& cursor) {
    CONNECTOR_RETURN_IF_ERROR(RecordMalformed(session_, "deal", page.malformed));
    ++session_.progress().pages;
    if (walk_.counts_records) {
      session_.progress().read += static_cast<int64_t>(page.records.size() + page.malformed.size());
    }
    if (walk_.reads_persons_since) CONNECTOR_RETURN_IF_ERROR(ReadPersonsOf(page.records));
    return Finish(page.records, name, cursor);
  }

  absl::Status Finish(const std::vector<Deal>& deals, std::string_view name,
                      const store::Cursor& cursor) {
    return session_.work()
        .FinishDealsPage(session_.Update(), name, cursor, deals, walk_.full)
        .status();
  }

  absl::Status ReadPersonsOf(const std::vector<Deal>& deals) {
    std::vector<int64_t> ids;
    for (const Deal& deal : deals) {
      if (!deal.person_id || deal.is_deleted()) continue;
      if (deal.update_time && *deal.update_time < *walk_.reads_persons_since) continue;
      ids.push_back(*deal.person_id);
    }
    return CompletePersons(accounts_, planning_, session_, std::move(ids));
  }

  absl::Status MoveWatermark() {
    CONNECTOR_ASSIGN_OR_RETURN(const std::string seen,
                               SeenUpTo(session_, kSeenUpTo, store::kDealsSince));
    return session_.work().SetWatermark(session_.connection(), store::kDealsSince, seen);
  }

  // Stored deals that no list showed were deleted long ago, or moved between two lists while these
  // were read.
  absl::Status LookForUnseen() {
    return WalkUnseen<int64_t>(
        session_, kGone,
        [this](int64_t after) {
          return session_.work().DealsNotSeen(session_.lease(), after,
                                              static_cast<int>(kIdsPerCall));
        },
        [this](std::vector<int64_t> some, const store::Cursor& next) {
          if (some.empty()) return Finish({}, kGone, next);
          return ReadByIds(std::move(some), kGone, next);
        });
  }

  // Reads at most kIdsPerCall deals; those in neither list are concluded to be gone.
  absl::Status ReadByIds(std::vector<int64_t> ids, std::string_view name,
                         const store::Cursor& cursor) {
    pipedrive::Page<Deal> page;
    for (const DealSet set : {DealSet::kCurrent, DealSet::kArchived}) {
      if (ids.empty()) break;
      pipedrive::DealsQuery query;
      query.set = set;
      query.ids = ids;
      CONNECTOR_ASSIGN_OR_RETURN(
          auto found, accounts_.pipedrive.ListDeals(query, "", session_.PipedriveContext()));
      std::erase_if(ids, [&](int64_t id) {
        const auto is = [id](const Deal& deal) { return deal.id == id; };
        const auto was = [id](const auto& record) { return record.id == absl::StrCat(id); };
        return std::any_of(found.records.begin(), found.records.end(), is) ||
               std::any_of(found.malformed.begin(), found.malformed.end(), was);
      });
      std::move(found.records.begin(), found.records.end(), std::back_inserter(page.records));
      std::move(found.malformed.begin(), found.malformed.end(), std::back_inserter(page.malformed));
    }
    for (const int64_t id : ids) {
      CONNECTOR_ASSIGN_OR_RETURN(std::optional<Deal> known,
                                 session_.work().FindDeal(session_.connection(), id));
      if (!known) continue;
      known->status = DealStatus::kDeleted;
      page.records.push_back(*std::move(known));
    }
    return FinishPage(std::move(page), name, cursor);
  }

  const Accounts& accounts_;
  const Planning& planning_;
  RunSession& session_;
  const DealsWalk& walk_;
};

absl::StatusOr<std::optional<Time>> KnownUpTo(RunSession& session) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::string since,
                             session.work().GetWatermark(session.connection(), store::kDealsSince));
  return ParseTime(since);
}

}  // namespace

absl::StatusOr<DealsWalk> UnfilteredDealsWalk(RunSession& session, const Accounts& accounts) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::optional<Time> known, KnownUpTo(session));
  DealsWalk walk;
  walk.full = !known || accounts.clock.Now() - *known > kDeletedListed;
  if (!walk.full) walk.since = *known - kOverlap;
  return walk;
}

absl::StatusOr<bool> DealsAreFresh(RunSession& session, const Accounts& accounts) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::optional<Time> known, KnownUpTo(session));
  return known && accounts.clock.Now() - *known < kFreshFor;
}

absl::Status WalkDeals(const Accounts& accounts, const Planning& planning, RunSession& session,
                       const DealsWalk& walk) {
  DealWalker walker(accounts, planning, session, walk);
  return walk.ids.empty() ? walker.WalkSets() : walker.WalkIds();
}

}  // namespace connector::sync
