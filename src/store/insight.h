#pragma once

// Looks at what is known, for people: they lease nothing, claim nothing and change nothing.
//
// Errors and threads as in store/store.h.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "model/contact_state.h"
#include "model/person.h"
#include "model/run.h"
#include "store/contact_bundle.h"

namespace connector::store {

struct Claim;

// A person as it is stored, with its binding.
struct BoundPerson {
  Person person;
  std::optional<int64_t> contact_key;  // kept when the person is deleted
};

// What is still to be done about a contact.
struct PendingWork {
  bool dirty = false;
  Urgency urgency = Urgency::kWaits;
  std::optional<Time> marked_at;
  std::optional<Time> not_before;  // tried again then
  int64_t import_rows = 0;         // on their way to Brevo
  int64_t inbox_events = 0;        // received, of its persons, and not handled yet
  int64_t outbox_events = 0;       // Brevo events of its persons that are not sent yet
};

class Insight {
 public:
  virtual ~Insight() = default;

  // nullopt if there is no such contact.
  virtual absl::StatusOr<std::optional<ContactBundle>> BundleOfContact(std::string_view connection,
                                                                       int64_t key) = 0;
  // Contacts with a greater key, by key, whether they are dirty or not. Their versions are 0.
  virtual absl::StatusOr<std::vector<ContactBundle>> BundlesAfter(std::string_view connection,
                                                                  int64_t after_key, int limit) = 0;
  // What ClaimIdentifiers would answer.
  virtual absl::StatusOr<std::vector<bool>> MayClaim(std::string_view connection,
                                                     const std::vector<Claim>& claims) = 0;
  // By Brevo's number.
  virtual absl::StatusOr<std::optional<ContactState>> FindContactById(std::string_view connection,
                                                                      int64_t brevo_id) = 0;
  virtual absl::StatusOr<std::optional<BoundPerson>> FindPerson(std::string_view connection,
                                                                int64_t id) = 0;
  // Persons that are not deleted and have no contact, by id.
  virtual absl::StatusOr<std::vector<Person>> UnboundPersonsAfter(std::string_view connection,
                                                                  int64_t after_id, int limit) = 0;
  // Keys of contacts that several persons share, deleted ones aside, by key.
  virtual absl::StatusOr<std::vector<int64_t>> SharedContactsAfter(std::string_view connection,
                                                                   int64_t after_key,
                                                                   int limit) = 0;
  virtual absl::StatusOr<PendingWork> PendingWorkOf(std::string_view connection, int64_t key,
                                                    const std::vector<int64_t>& persons) = 0;
  // Of records with one of these ids or addresses, whatever kind they are of; newest first.
  virtual absl::StatusOr<std::vector<Failure>> FailuresOf(std::string_view connection,
                                                          const std::vector<std::string>& records,
                                                          int limit) = 0;
};

}  // namespace connector::store
