#pragma once

// Contacts as those who hear of them from outside look them up.
//
// Errors and threads as in store/store.h.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/contact_state.h"

namespace connector::store {

struct KnownContact {
  ContactState state;
  std::vector<int64_t> persons;  // bound to it and not deleted, by id; at most 100
};

class KnownContacts {
 public:
  virtual ~KnownContacts() = default;

  // For each address (in lower case) the contact that has it.
  virtual absl::StatusOr<std::vector<std::optional<KnownContact>>> FindContacts(
      std::string_view connection, const std::vector<std::string>& emails) = 0;
  // Contacts that no person is bound to, be it one that was deleted, by key.
  virtual absl::StatusOr<std::vector<ContactState>> ContactsWithoutPerson(
      std::string_view connection, int64_t after_key, int limit) = 0;
};

}  // namespace connector::store
