#pragma once

// Completing a contact with what its plan is made from, inside a transaction.

#include <cstdint>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/organization.h"
#include "store/contact_bundle.h"
#include "store/sql.h"

namespace connector::store {

// Lives as long as one transaction.
class BundleReader {
 public:
  static absl::StatusOr<BundleReader> Begin(SqlHandle& db, int64_t conn);

  // Adds persons, organization, deals and leads to a bundle that has its contact; as if
  // `without_deal` were not there.
  absl::Status Complete(ContactBundle& bundle, int64_t without_deal = 0);

 private:
  BundleReader(SqlHandle& db, int64_t conn, bool knows_deals, bool knows_leads)
      : db_(&db), conn_(conn), knows_deals_(knows_deals), knows_leads_(knows_leads) {}

  absl::Status AddPersons(ContactBundle& bundle);
  absl::Status AddGonePersons(ContactBundle& bundle);
  absl::Status AddOrganization(ContactBundle& bundle);
  absl::Status AddDeals(ContactBundle& bundle, int64_t without_deal);
  absl::Status AddLeads(ContactBundle& bundle);

  SqlHandle* db_;
  int64_t conn_;
  bool knows_deals_;
  bool knows_leads_;
  // Many persons share one.
  absl::flat_hash_map<int64_t, std::optional<Organization>> organizations_;
};

}  // namespace connector::store
