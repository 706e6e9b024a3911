#pragma once

// Folding Pipedrive's records into the store, inside a transaction: the same for a page of a run
// and for an event.

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "model/contact_state.h"
#include "model/organization.h"
#include "model/outbox_event.h"
#include "store/person_row.h"
#include "store/sql_contacts.h"
#include "store/sql_session.h"
#include "store/store.h"

namespace connector::store {

struct Folding {
  int64_t run = 0;  // that the marks are held back for; 0: free
  Urgency urgency = Urgency::kWaits;
  bool quiet = false;                      // marks nothing
  bool mark_all = false;                   // also contacts of persons that did not change
  Existence unseen = Existence::kUnknown;  // of a contact that is new with a person
};

// `inherited`: the contact a person takes over that has neither a binding nor an identity some
// contact knows.
absl::Status FoldPerson(SqlSession& session, const PersonRow& row, const Folding& folding,
                        FoldCounts& counts, std::optional<int64_t> inherited = std::nullopt);

// Marks the contacts of its persons if it changed.
absl::Status FoldOrganization(SqlSession& session, const Organization& organization,
                              const Folding& folding, FoldCounts& counts);

// Marks the contact of a person, if it has one.
absl::Status MarkContactOfPerson(SqlSession& session, int64_t person, const Folding& folding);
// Marks the contacts of all persons of an organization.
absl::Status MarkContactsOfOrganization(SqlSession& session, int64_t organization,
                                        const Folding& folding);

// Appends a Brevo event to the outbox unless one with its key was appended before.
absl::Status AppendOutboxEvent(SqlSession& session, const OutboxEvent& event);

// Folds what Brevo shows of a contact, found by Brevo id, else e-mail, else EXT_ID, and marks it.
absl::Status FoldSeen(SqlSession& session, const Contact& seen, const ContactFold& fold,
                      const Folding& folding);

// By Brevo id, else e-mail, else EXT_ID; 0 if it is not known.
absl::StatusOr<int64_t> FindSeen(SqlSession& session, const Contact& seen);

// Writes `after` over `known` and, where a converge may find something to do and persons are bound
// to the contact, marks it.
absl::Status TakeNews(SqlSession& session, const StoredContact& known, const ContactState& after,
                      bool mark, const Folding& folding);

// Folds what was told of contacts; false for those whose events are to be tried again.
absl::StatusOr<std::vector<bool>> FoldContactNews(SqlSession& session, const IngestBatch& batch,
                                                  const Folding& folding);

}  // namespace connector::store
