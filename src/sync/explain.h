#pragma once

// Why one contact is as it is, and what the next sync would do: the same plan a run makes, shown
// instead of applied.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "http/caller.h"
#include "model/run.h"
#include "reconcile/lists.h"
#include "sync/accounts.h"
#include "sync/contact_key.h"
#include "sync/plan.h"
#include "sync/planning.h"

namespace connector::sync {

// One mapped field on both sides, as text.
struct FieldStory {
  std::string field;      // as the mapping names it
  std::string attribute;  // Brevo's
  std::string pipedrive;
  std::string brevo;
  std::string base;
  bool unconfirmed = false;
  bool refused = false;
  std::string verdict;  // what the next sync does with it and by which rule
};

// One list and the contact's place in it.
struct ListStory {
  int64_t list_id = 0;
  std::string name;  // Brevo's
  bool wanted = false;
  bool member = false;
  bool ours = false;      // the connector put it there
  bool withheld = false;  // left by its own hand or unsubscribed: not joined again
  std::vector<reconcile::ListReason> reasons;
};

struct Explanation {
  ContactState state;  // key 0: the person has no contact
  std::string email;
  std::vector<int64_t> person_ids;  // bound and not deleted; the first gives the fields
  std::vector<FieldStory> fields;
  std::vector<ListStory> lists;
  std::optional<PlannedChange> next;  // nullopt: nothing is to be done
  store::PendingWork pending;
  std::vector<Failure> failures;  // newest first
  std::optional<Time> pipedrive_seen_at;
  std::optional<Time> brevo_seen_at;
  std::vector<std::string> notes;
};

// The planning that runs made last, without asking the accounts. FAILED_PRECONDITION if there was
// none.
absl::StatusOr<Planning> StoredPlanning(const Accounts& accounts);

// The plan of a contact, as if it were to be written now; claims nothing.
absl::StatusOr<ContactPlan> PreviewPlan(const Accounts& accounts, const Planning& planning,
                                        const store::ContactBundle& bundle,
                                        MappedContact* mapped = nullptr);

// From local tables alone; with `refresh`, both sides are read first (2 calls, 3 at most), and
// nothing of it is stored. NOT_FOUND, FAILED_PRECONDITION as StoredPlanning, and with `refresh` the
// vendors' errors.
absl::StatusOr<Explanation> Explain(const Accounts& accounts, const ContactKey& key,
                                    const http::CallContext* refresh);

}  // namespace connector::sync
