#include "sync/walk_leads.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "sync/seen_up_to.h"
#include "sync/walk_parts.h"
#include "sync/walk_persons.h"

namespace connector::sync {
namespace {

constexpr std::string_view kSeenUpTo = "leads.seen_up_to";
constexpr std::string_view kById = "leads.by_id";
constexpr std::string_view kGone = "leads.gone";
// Of LeadsNotSeen.
constexpr int kAtOnce = 100;

// One walk under way.
class LeadWalker {
 public:
  LeadWalker(const Accounts& accounts, const Planning& planning, RunSession& session,
             const LeadsWalk& walk)
      : accounts_(accounts), planning_(planning), session_(session), walk_(walk) {}

  absl::Status WalkLists() {
    CONNECTOR_ASSIGN_OR_RETURN(const std::string persons_read,
                               session_.work().GetWatermark(session_.connection(), kPersonsSince));
    reads_persons_ = accounts_.settings.persons && !persons_read.empty();
    for (const bool archived : {false, true}) CONNECTOR_RETURN_IF_ERROR(WalkList(archived));
    if (walk_.filtered()) return absl::OkStatus();
    if (walk_.full) CONNECTOR_RETURN_IF_ERROR(LookForUnseen());
    CONNECTOR_ASSIGN_OR_RETURN(const std::string seen,
                               SeenUpTo(session_, kSeenUpTo, store::kLeadsSince));
    return session_.work().SetWatermark(session_.connection(), store::kLeadsSince, seen);
  }

  // The place is an index into the ids.
  absl::Status WalkIds() {
    reads_persons_ = accounts_.settings.persons;
    CONNECTOR_ASSIGN_OR_RETURN(store::Cursor cursor,
                               session_.work().GetCursor(session_.lease(), kById));
    while (!cursor.done) {
      CONNECTOR_RETURN_IF_ERROR(session_.CheckGoOn());
      size_t begin = 0;
      if (!cursor.value.empty() && !absl::SimpleAtoi(cursor.value, &begin)) {
        return absl::DataLossError("leads cursor is no index: " + cursor.value);
      }
      begin = std::min(begin, walk_.ids.size());
      const size_t end = std::min(begin + kIdsPerCall, walk_.ids.size());
      cursor = {absl::StrCat(end), end == walk_.ids.size()};
      CONNECTOR_RETURN_IF_ERROR(ReadEach({walk_.ids.begin() + static_cast<std::ptrdiff_t>(begin),
                                          walk_.ids.begin() + static_cast<std::ptrdiff_t>(end)},
                                         kById, cursor));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status WalkList(bool archived) {
    const std::string_view name = archived ? "leads.archived" : "leads";
    pipedrive::LeadsQuery query;
    query.archived = archived;
    query.updated_since = walk_.since;
    query.filter_id = walk_.filter_id;
    CONNECTOR_ASSIGN_OR_RETURN(store::Cursor cursor,
                               session_.work().GetCursor(session_.lease(), name));
    while (!cursor.done) {
      CONNECTOR_RETURN_IF_ERROR(session_.CheckGoOn());
      auto answer = accounts_.pipedrive.ListLeads(query, cursor.value, session_.PipedriveContext());
      if (absl::IsNotFound(answer.status()) && archived) {
        session_.Warn("this account gives no list of archived leads; they are left out");
        return Finish({}, name, {"", true});
      }
      CONNECTOR_ASSIGN_OR_RETURN(auto page, std::move(answer));
      if (!walk_.filtered()) {
        CONNECTOR_RETURN_IF_ERROR(
            NoteSeenUpTo(session_, kSeenUpTo, page, !archived && cursor.value.empty(),
                         [this](std::string_view noted, const store::Cursor& at) {
                           return Finish({}, noted, at);
                         }));
      }
      cursor = {page.next_cursor, page.next_cursor.empty()};
      CONNECTOR_RETURN_IF_ERROR(FinishPage(std::move(page), name, cursor));
    }
    return absl::OkStatus();
  }

  absl::Status FinishPage(pipedrive::Page<Lead> page, std::string_view name,
                          const store::Cursor& cursor) {
    CONNECTOR_RETURN_IF_ERROR(RecordMalformed(session_, "lead", page.malformed));
    ++session_.progress().pages;
    if (walk_.counts_records) {
      session_.progress().read += static_cast<int64_t>(page.records.size() + page.malformed.size());
    }
    std::vector<int64_t> persons;
    for (Lead& lead : page.records) {
      lead = StoredForm(accounts_.settings, std::move(lead));
      if (lead.person_id && !lead.is_deleted) persons.push_back(*lead.person_id);
    }
    if (reads_persons_) {
      CONNECTOR_RETURN_IF_ERROR(
          CompletePersons(accounts_, planning_, session_, std::move(persons)));
    }
    return Finish(page.records, name, cursor);
  }

  absl::Status Finish(const std::vector<Lead>& leads, std::string_view name,
                      const store::Cursor& cursor) {
    return session_.work()
        .FinishLeadsPage(session_.Update(), name, cursor, leads, walk_.full)
        .status();
  }

  // Stored leads that no list showed were deleted or became deals, or moved between the two lists
  // while these were read.
  absl::Status LookForUnseen() {
    CONNECTOR_ASSIGN_OR_RETURN(const store::Cursor cursor,
                               session_.work().GetCursor(session_.lease(), kGone));
    std::string after;
    while (!cursor.done) {
      CONNECTOR_RETURN_IF_ERROR(session_.CheckGoOn());
      CONNECTOR_ASSIGN_OR_RETURN(std::vector<std::string> ids,
                                 session_.work().LeadsNotSeen(session_.lease(), after, kAtOnce));
      if (ids.empty()) return Finish({}, kGone, {"", true});
      after = ids.back();
      CONNECTOR_RETURN_IF_ERROR(ReadEach(std::move(ids), kGone, {"", false}));
    }
    return absl::OkStatus();
  }

  // Those that are not there are concluded to be gone.
  absl::Status ReadEach(std::vector<std::string> ids, std::string_view name,
                        const store::Cursor& cursor) {
    pipedrive::Page<Lead> page;
    for (std::string& id : ids) {
      auto lead = accounts_.pipedrive.GetLead(id, session_.PipedriveContext());
      if (absl::IsNotFound(lead.status())) {
        CONNECTOR_ASSIGN_OR_RETURN(std::optional<Lead> known,
                                   session_.work().FindLead(session_.connection(), id));
        if (!known) continue;
        known->is_deleted = true;
        lead = *std::move(known);
      }
      CONNECTOR_RETURN_IF_ERROR(lead.status());
      page.records.push_back(*std::move(lead));
    }
    return FinishPage(std::move(page), name, cursor);
  }

  const Accounts& accounts_;
  const Planning& planning_;
  RunSession& session_;
  const LeadsWalk& walk_;
  bool reads_persons_ = false;
};

}  // namespace

absl::StatusOr<LeadsWalk> UnfilteredLeadsWalk(RunSession& session) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::string since,
                             session.work().GetWatermark(session.connection(), store::kLeadsSince));
  const std::optional<Time> known = ParseTime(since);
  LeadsWalk walk;
  walk.full = !known;
  if (known) walk.since = *known - kOverlap;
  return walk;
}

absl::Status WalkLeads(const Accounts& accounts, const Planning& planning, RunSession& session,
                       const LeadsWalk& walk) {
  LeadWalker walker(accounts, planning, session, walk);
  return walk.ids.empty() ? walker.WalkLists() : walker.WalkIds();
}

Lead StoredForm(const Settings& settings, Lead lead) {
  if (!settings.leads_of_organizations && !lead.person_id) lead.org_id.reset();
  return lead;
}

}  // namespace connector::sync
