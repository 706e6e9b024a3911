#include "sync/organizations_run.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "sync/page_walk.h"
#include "sync/record_run.h"
#include "sync/seen_up_to.h"
#include "sync/walk_organizations.h"
#include "sync/walk_parts.h"

namespace connector::sync {
namespace {

constexpr std::string_view kSince = "organizations.updated_since";
constexpr std::string_view kWalk = "organizations.all";
constexpr std::string_view kById = "organizations.by_id";
constexpr std::string_view kGone = "organizations.gone";

// One walk under way.
class OrganizationWalker {
 public:
  OrganizationWalker(const Accounts& accounts, const Planning& planning, RunSession& session)
      : accounts_(accounts), planning_(planning), session_(session) {}

  absl::Status WalkList() {
    const RunOptions& options = session_.run().options;
    CONNECTOR_ASSIGN_OR_RETURN(const std::string since,
                               session_.work().GetWatermark(session_.connection(), kSince));
    const auto known = ParseTime(since);
    const bool full = !options.filtered() && (options.mode == RunMode::kFull || !known);
    session_.progress().full = full;
    pipedrive::OrganizationsQuery query;
    query.selection = OrganizationSelection(planning_);
    query.filter_id = options.filter_id;
    if (!full && !options.filtered()) query.updated_since = *known - kOverlap;
    CONNECTOR_RETURN_IF_ERROR(ReadPages(query, !options.filtered()));
    if (options.filtered()) return absl::OkStatus();
    if (full) CONNECTOR_RETURN_IF_ERROR(LookForUnseen());
    CONNECTOR_ASSIGN_OR_RETURN(std::string seen, SeenUpTo(session_, kSince, kSince));
    session_.MoveOnSuccess(kSince, std::move(seen));
    return absl::OkStatus();
  }

  absl::Status WalkIds(const std::vector<int64_t>& ids) {
    return sync::WalkIds<int64_t>(session_, kById, ids,
                                  [this](std::vector<int64_t> some, const store::Cursor& next) {
                                    return ReadByIds(std::move(some), kById, next);
                                  });
  }

 private:
  absl::Status ReadPages(const pipedrive::OrganizationsQuery& query, bool notes_time) {
    const int64_t read_before = session_.progress().read;
    return WalkPages<Organization>(
        session_,
        {.cursor = kWalk,
         .records = "organizations",
         .fetch =
             [&](const std::string& place, const http::CallContext& context) {
               return accounts_.pipedrive.ListOrganizations(query, place, context);
             },
         .finish = [&](pipedrive::Page<Organization> page, bool first,
                       const store::Cursor& next) -> absl::Status {
           if (notes_time) {
             CONNECTOR_RETURN_IF_ERROR(NoteSeenUpTo(
                 session_, kSince, page, first,
                 [this](std::string_view name, const auto& at) { return Finish({}, name, at); }));
           }
           CONNECTOR_RETURN_IF_ERROR(RecordMalformed(session_, "organization", page.malformed));
           ++session_.progress().pages;
           session_.progress().read +=
               static_cast<int64_t>(page.records.size() + page.malformed.size());
           return Finish(page.records, kWalk, next);
         },
         .restart = [&] { session_.progress().read = read_before; }});
  }

  absl::Status Finish(const std::vector<Organization>& organizations, std::string_view name,
                      const store::Cursor& cursor) {
    return session_.work()
        .FinishAllOrganizationsPage(session_.Update(), name, cursor, organizations)
        .status();
  }

  // Stored organizations that the list did not show are deleted, or may not be seen any more.
  absl::Status LookForUnseen() {
    return WalkUnseen<int64_t>(
        session_, kGone,
        [this](int64_t after) {
          return session_.work().OrganizationsNotSeen(session_.lease(), after,
                                                      static_cast<int>(kIdsPerCall));
        },
        [this](std::vector<int64_t> some, const store::Cursor& next) {
          if (some.empty()) return Finish({}, kGone, next);
          return ReadByIds(std::move(some), kGone, next);
        });
  }

  absl::Status ReadByIds(std::vector<int64_t> ids, std::string_view name,
                         const store::Cursor& cursor) {
    CONNECTOR_ASSIGN_OR_RETURN(
        const auto organizations,
        ReadOrganizations(accounts_, planning_, std::move(ids), session_.PipedriveContext()));
    ++session_.progress().pages;
    session_.progress().read += static_cast<int64_t>(organizations.size());
    return Finish(organizations, name, cursor);
  }

  const Accounts& accounts_;
  const Planning& planning_;
  RunSession& session_;
};

absl::Status Read(const Accounts& accounts, const Planning& planning, RunSession& session) {
  if (!planning.map.wants_organizations) {
    session.Warn(
        "nothing was read: no line of `person_mapping` has a source of organizations, such as "
        "org_id.name");
    return absl::OkStatus();
  }
  OrganizationWalker walker(accounts, planning, session);
  const std::vector<int64_t>& ids = session.run().options.ids;
  return ids.empty() ? walker.WalkList() : walker.WalkIds(ids);
}

}  // namespace

absl::Status RunOrganizations(const Accounts& accounts, RunSession& session) {
  return RunRecords(accounts, session, Read);
}

}  // namespace connector::sync
