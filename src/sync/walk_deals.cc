#include "sync/walk_deals.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/time_format.h"
#include "sync/side_by_side.h"
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

// Of one run's walk of one set, after a cursor was refused.
constexpr int kMostRestarts = 3;
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

  // The place is an index into the ids.
  absl::Status WalkIds() {
    CONNECTOR_ASSIGN_OR_RETURN(store::Cursor cursor,
                               session_.work().GetCursor(session_.lease(), kById));
    while (!cursor.done) {
      CONNECTOR_RETURN_IF_ERROR(session_.CheckGoOn());
      size_t begin = 0;
      if (!cursor.value.empty() && !absl::SimpleAtoi(cursor.value, &begin)) {
        return absl::DataLossError("deals cursor is no index: " + cursor.value);
      }
      begin = std::min(begin, walk_.ids.size());
      const size_t end = std::min(begin + kIdsPerCall, walk_.ids.size());
      cursor = {absl::StrCat(end), end == walk_.ids.size()};
      CONNECTOR_RETURN_IF_ERROR(ReadByIds({walk_.ids.begin() + static_cast<std::ptrdiff_t>(begin),
                                           walk_.ids.begin() + static_cast<std::ptrdiff_t>(end)},
                                          kById, cursor));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status WalkSet(const SetWalk& set) {
    pipedrive::DealsQuery query;
    query.set = set.set;
    query.updated_since = walk_.since;
    query.filter_id = walk_.filter_id;
    CONNECTOR_ASSIGN_OR_RETURN(store::Cursor cursor,
                               session_.work().GetCursor(session_.lease(), set.name));
    const int64_t read_before = session_.progress().read;
    int restarts = 0;
    ReadAhead<pipedrive::Page<Deal>> pages(session_);
    const auto begin = [&](const std::string& place) {
      pages.Begin([&, place, context = session_.PipedriveContext()] {
        return accounts_.pipedrive.ListDeals(query, place, context);
      });
    };
    if (!cursor.done) begin(cursor.value);
    while (!cursor.done) {
      CONNECTOR_RETURN_IF_ERROR(session_.CheckGoOn());
      auto answer = pages.Take();
      if (absl::IsOutOfRange(answer.status()) && ++restarts <= kMostRestarts) {
        session_.Warn("Pipedrive no longer knew the place in its list of deals; it is read again");
        session_.progress().read = read_before;
        cursor = {};
        begin("");
        continue;
      }
      if (absl::IsNotFound(answer.status()) && set.set == DealSet::kArchived) {
        session_.Warn("this account gives no list of archived deals; they are left out");
        return Finish({}, set.name, {"", true});
      }
      CONNECTOR_ASSIGN_OR_RETURN(auto page, std::move(answer));
      CONNECTOR_RETURN_IF_ERROR(
          NoteTime(page, set.set == DealSet::kCurrent && cursor.value.empty()));
      cursor = {page.next_cursor, page.next_cursor.empty()};
      if (!cursor.done) begin(cursor.value);
      CONNECTOR_RETURN_IF_ERROR(FinishPage(std::move(page), set.name, cursor));
    }
    return absl::OkStatus();
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

  // The time of the first answer by Pipedrive's clock or, where it has no Date, the newest update.
  absl::Status NoteTime(const pipedrive::Page<Deal>& page, bool first) {
    if (walk_.filtered() || (page.server_time && !first)) return absl::OkStatus();
    CONNECTOR_ASSIGN_OR_RETURN(const store::Cursor noted,
                               session_.work().GetCursor(session_.lease(), kSeenUpTo));
    std::string time = first ? "" : noted.value;
    if (page.server_time) {
      time = FormatSeconds(*page.server_time);
    } else {
      for (const Deal& deal : page.records) {
        if (deal.update_time) time = std::max(time, FormatSeconds(*deal.update_time));
      }
    }
    return time == noted.value ? absl::OkStatus() : Finish({}, kSeenUpTo, {time, true});
  }

  absl::Status MoveWatermark() {
    store::Store& store = session_.work();
    CONNECTOR_ASSIGN_OR_RETURN(const store::Cursor noted,
                               store.GetCursor(session_.lease(), kSeenUpTo));
    CONNECTOR_ASSIGN_OR_RETURN(const std::string since,
                               store.GetWatermark(session_.connection(), store::kDealsSince));
    // An account without a deal and without a clock: known from the beginning of time.
    const std::string time = noted.value.empty() ? FormatSeconds(Time{}) : noted.value;
    if (time <= since) return absl::OkStatus();
    return store.SetWatermark(session_.connection(), store::kDealsSince, time);
  }

  // Stored deals that no list showed were deleted long ago, or moved between two lists while these
  // were read.
  absl::Status LookForUnseen() {
    CONNECTOR_ASSIGN_OR_RETURN(const store::Cursor cursor,
                               session_.work().GetCursor(session_.lease(), kGone));
    int64_t after = 0;
    while (!cursor.done) {
      CONNECTOR_RETURN_IF_ERROR(session_.CheckGoOn());
      CONNECTOR_ASSIGN_OR_RETURN(
          std::vector<int64_t> ids,
          session_.work().DealsNotSeen(session_.lease(), after, static_cast<int>(kIdsPerCall)));
      if (ids.empty()) return Finish({}, kGone, {"", true});
      after = ids.back();
      CONNECTOR_RETURN_IF_ERROR(ReadByIds(std::move(ids), kGone, {"", false}));
    }
    return absl::OkStatus();
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
