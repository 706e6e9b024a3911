#include "sync/walk_organizations.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/status.h"
#include "sync/side_by_side.h"
#include "sync/walk_parts.h"

namespace connector::sync {
namespace {

// Of one run's walk, after a cursor was refused.
constexpr int kMostRestarts = 3;

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
  CONNECTOR_ASSIGN_OR_RETURN(store::Cursor cursor,
                             session.work().GetCursor(session.lease(), "organizations"));
  ReadAhead<pipedrive::Page<Organization>> pages(session);
  const auto begin = [&](const std::string& place) {
    pages.Begin([&, place, context = session.PipedriveContext()] {
      return accounts.pipedrive.ListOrganizations(query, place, context);
    });
  };
  int restarts = 0;
  if (!cursor.done) begin(cursor.value);
  while (!cursor.done) {
    CONNECTOR_RETURN_IF_ERROR(session.CheckGoOn());
    auto answer = pages.Take();
    if (absl::IsOutOfRange(answer.status()) && ++restarts <= kMostRestarts) {
      session.Warn(
          "Pipedrive no longer knew the place in its list of organizations; it is read again");
      begin("");
      continue;
    }
    CONNECTOR_ASSIGN_OR_RETURN(const auto page, std::move(answer));
    CONNECTOR_RETURN_IF_ERROR(RecordMalformed(session, "organization", page.malformed));
    cursor = {page.next_cursor, page.next_cursor.empty()};
    if (!cursor.done) begin(cursor.value);
    ++session.progress().pages;
    CONNECTOR_RETURN_IF_ERROR(
        session.work().FinishOrganizationsPage(session.Update(), cursor, page.records).status());
  }
  return absl::OkStatus();
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
