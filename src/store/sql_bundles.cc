#include "store/sql_bundles.h"

#include <utility>

#include "base/status.h"
#include "model/wire.h"
#include "store/sql_deals.h"
#include "store/sql_leads.h"

namespace connector::store {
namespace {

absl::StatusOr<std::optional<Organization>> ReadOrganization(SqlHandle& db, int64_t conn,
                                                             int64_t id) {
  SqlQuery query = db.Query("SELECT body FROM organizations WHERE conn = ? AND id = ?", conn, id);
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (!found) return std::nullopt;
  return DecodeOrganization(query.Bytes(0));
}

}  // namespace

absl::StatusOr<BundleReader> BundleReader::Begin(SqlHandle& db, int64_t conn) {
  CONNECTOR_ASSIGN_OR_RETURN(const bool knows_deals, KnowsDeals(db, conn));
  CONNECTOR_ASSIGN_OR_RETURN(const bool knows_leads, KnowsLeads(db, conn));
  return BundleReader(db, conn, knows_deals, knows_leads);
}

absl::Status BundleReader::Complete(ContactBundle& bundle, int64_t without_deal) {
  CONNECTOR_RETURN_IF_ERROR(AddPersons(bundle));
  if (bundle.persons.empty()) CONNECTOR_RETURN_IF_ERROR(AddGonePersons(bundle));
  CONNECTOR_RETURN_IF_ERROR(AddOrganization(bundle));
  if (knows_deals_) CONNECTOR_RETURN_IF_ERROR(AddDeals(bundle, without_deal));
  return knows_leads_ ? AddLeads(bundle) : absl::OkStatus();
}

absl::Status BundleReader::AddPersons(ContactBundle& bundle) {
  SqlQuery query = db_->Query(
      "SELECT body FROM persons INDEXED BY bindings WHERE conn = ? AND contact = ? AND deleted = 0 "
      "ORDER BY id",
      conn_, bundle.state.key);
  while (true) {
    CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
    if (!more) return absl::OkStatus();
    CONNECTOR_ASSIGN_OR_RETURN(Person person, DecodePerson(query.Bytes(0)));
    bundle.persons.push_back(std::move(person));
  }
}

absl::Status BundleReader::AddGonePersons(ContactBundle& bundle) {
  SqlQuery query = db_->Query(
      "SELECT id FROM persons INDEXED BY bindings WHERE conn = ? AND contact = ? AND deleted = 1 "
      "ORDER BY id",
      conn_, bundle.state.key);
  while (true) {
    CONNECTOR_ASSIGN_OR_RETURN(const bool more, query.Next());
    if (!more) return absl::OkStatus();
    bundle.gone_persons.push_back(query.Int(0));
  }
}

absl::Status BundleReader::AddOrganization(ContactBundle& bundle) {
  if (bundle.persons.empty() || !bundle.persons.front().org_id) return absl::OkStatus();
  const int64_t id = *bundle.persons.front().org_id;
  auto known = organizations_.find(id);
  if (known == organizations_.end()) {
    CONNECTOR_ASSIGN_OR_RETURN(std::optional<Organization> organization,
                               ReadOrganization(*db_, conn_, id));
    known = organizations_.emplace(id, std::move(organization)).first;
  }
  if (known->second) bundle.organizations.push_back(*known->second);
  return absl::OkStatus();
}

absl::Status BundleReader::AddDeals(ContactBundle& bundle, int64_t without_deal) {
  bundle.deals_known = true;
  for (const Person& person : bundle.persons) {
    CONNECTOR_ASSIGN_OR_RETURN(DealFacts facts,
                               FactsOfPerson(*db_, conn_, person.id, without_deal));
    bundle.deals.push_back(std::move(facts));
  }
  return absl::OkStatus();
}

absl::Status BundleReader::AddLeads(ContactBundle& bundle) {
  bundle.leads_known = true;
  for (const Person& person : bundle.persons) {
    CONNECTOR_ASSIGN_OR_RETURN(LeadFacts facts, LeadsOfPerson(*db_, conn_, person));
    bundle.leads.push_back(std::move(facts));
  }
  return absl::OkStatus();
}

}  // namespace connector::store
