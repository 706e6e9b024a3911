#pragma once

// Naming one contact by any of its identities.

#include <cstdint>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "store/store.h"
#include "sync/accounts.h"

namespace connector::sync {

// Pipedrive's id of a person.
struct PersonKey {
  int64_t id = 0;
};
// An e-mail address, case aside.
struct EmailKey {
  std::string email;
};
// Brevo's id of the contact.
struct BrevoKey {
  int64_t id = 0;
};
using ContactKey = std::variant<PersonKey, EmailKey, BrevoKey>;

// "person 42", "contact ann@x.de", "contact 17": for messages.
std::string Describe(const ContactKey& key);

// A contact that is known here, or a person that has none.
struct FoundContact {
  store::ContactBundle bundle;  // empty state with key 0 if there is only the person
  // Without a contact, or deleted: the person that was asked for.
  std::optional<store::BoundPerson> person;
};

// Looks in the local tables alone. NOT_FOUND says what to do.
absl::StatusOr<FoundContact> FindContact(const Accounts& accounts, const ContactKey& key);

}  // namespace connector::sync
