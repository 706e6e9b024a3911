#include "sync/walk_organizations.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/status.h"
#include "sync/page_walk.h"
#include "sync/walk_parts.h"

namespace connector::sync {
namespace {

// Sorted ids of the organizations of these persons that are not stored.
absl::StatusOr<std::vector<int64_t>> UnknownOrganizations(RunSession& session,
                                                          const std::vector<Person>& persons) {
  std::vector<int64_t> ids;
  for (const Person& person : persons) {
    if (person.org_id) ids.push_back(*person.org_id);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return session.work().UnknownOrganizations(session.connection(), ids);
}

// Those that are not there are noted as deleted.
void AddMissing(const std::vector<int64_t>& ids, std::vector<Organization>& organizations) {
  std::set<int64_t> missing(ids.begin(), ids.end());
  for (const Organization& organization : organizations) missing.erase(organization.id);
  for (const int64_t id : missing) organizations.push_back({.id = id, .is_deleted = true});
}

}  // namespace

absl::Status WalkOrganizations(const Accounts& accounts, const Planning& planning,
                               RunSession& session, std::optional<Time> since) {
  if (!planning.map.wants_organizations) return absl::OkStatus();
  pipedrive::OrganizationsQuery query;
  query.selection = OrganizationSelection(planning);
  query.updated_since = since;
  return WalkPages<Organization>(
      session,
      {.cursor = "organizations",
       .records = "organizations",
       .fetch =
           [&](const std::string& place, const http::CallContext& context) {
             return accounts.pipedrive.ListOrganizations(query, place, context);
           },
       .finish = [&](pipedrive::Page<Organization> page, bool,
                     const store::Cursor& next) -> absl::Status {
         CONNECTOR_RETURN_IF_ERROR(RecordMalformed(session, "organization", page.malformed));
         ++session.progress().pages;
         return session.work()
             .FinishOrganizationsPage(session.Update(), next, page.records)
             .status();
       },
       .restart = [] {}});
}

absl::StatusOr<std::vector<Organization>> ReadOrganizations(const Accounts& accounts,
                                                            const Planning& planning,
                                                            std::vector<int64_t> ids,
                                                            const http::CallContext& context) {
  pipedrive::OrganizationsQuery query;
  query.selection = OrganizationSelection(planning);
  query.ids = std::move(ids);
  CONNECTOR_ASSIGN_OR_RETURN(auto page, accounts.pipedrive.ListOrganizations(query, "", context));
  AddMissing(query.ids, page.records);
  return std::move(page.records);
}

absl::Status CompleteOrganizations(const Accounts& accounts, const Planning& planning,
                                   RunSession& session, const std::vector<Person>& persons,
                                   bool may_ask) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::vector<int64_t> ids,
                             UnknownOrganizations(session, persons));
  return ReadByHundreds(ids, [&](std::vector<int64_t> some) -> absl::Status {
    std::vector<Organization> organizations;
    if (may_ask) {
      CONNECTOR_ASSIGN_OR_RETURN(
          organizations,
          ReadOrganizations(accounts, planning, std::move(some), session.PipedriveContext()));
    } else {
      AddMissing(some, organizations);
    }
    const store::Cursor walk_is_over{.value = "", .done = true};
    return session.work()
        .FinishOrganizationsPage(session.Update(), walk_is_over, organizations)
        .status();
  });
}

}  // namespace connector::sync
