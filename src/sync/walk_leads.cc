#include "sync/walk_leads.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "sync/page_walk.h"
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

  absl::Status WalkIds() {
    reads_persons_ = accounts_.settings.persons;
    return sync::WalkIds<std::string>(session_, kById, walk_.ids,
                                      [this](std::vector<std::string> some, const auto& next) {
                                        return ReadEach(std::move(some), kById, next);
                                      });
  }

 private:
  absl::Status WalkList(bool archived) {
    const std::string_view name = archived ? "leads.archived" : "leads";
    pipedrive::LeadsQuery query;
    query.archived = archived;
    query.updated_since = walk_.since;
    query.filter_id = walk_.filter_id;
    const int64_t read_before = session_.progress().read;
    bool missing = false;
    CONNECTOR_RETURN_IF_ERROR(WalkPages<Lead>(
        session_, {.cursor = name,
                   .records = "leads",
                   .fetch = [&](const std::string& place, const http::CallContext& context)
                       -> absl::StatusOr<pipedrive::Page<Lead>> {
                     auto page = accounts_.pipedrive.ListLeads(query, place, context);
                     missing = absl::IsNotFound(page.status()) && archived;
                     return missing ? pipedrive::Page<Lead>{} : std::move(page);
                   },
                   .finish =
                       [&](pipedrive::Page<Lead> page, bool first, const store::Cursor& next) {
                         return FinishList(std::move(page), first && !archived, name, next);
                       },
                   .restart = [&] { session_.progress().read = read_before; }}));
    if (missing) {
      session_.Warn("this account gives no list of archived leads; they are left out");
    }
    return absl::OkStatus();
  }

  absl::Status FinishList(pipedrive::Page<Lead> page, bool first, std::string_view name,
                          const store::Cursor& next) {
    if (!walk_.filtered()) {
      CONNECTOR_RETURN_IF_ERROR(NoteSeenUpTo(
          session_, kSeenUpTo, page, first,
          [this](std::string_view noted, const auto& at) { return Finish({}, noted, at); }));
    }
    return FinishPage(std::move(page), name, next);
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
    return WalkUnseen<std::string>(
        session_, kGone,
        [this](const std::string& after) {
          return session_.work().LeadsNotSeen(session_.lease(), after, kAtOnce);
        },
        [this](std::vector<std::string> some, const store::Cursor& next) {
          if (some.empty()) return Finish({}, kGone, next);
          return ReadEach(std::move(some), kGone, next);
        });
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
