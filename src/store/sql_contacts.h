#pragma once

// Contacts and the identifiers they own, inside a transaction.

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/contact_state.h"
#include "store/sql_session.h"

namespace connector::store {

// A contact as it is stored; `body` is its encoded form, to see cheaply that nothing changed.
struct StoredContact {
  ContactState state;
  std::string body;
};

// Decodes and gives it its key.
absl::StatusOr<ContactState> DecodeContact(int64_t key, std::string_view body);

absl::StatusOr<std::optional<StoredContact>> ReadContact(SqlHandle& db, int64_t conn, int64_t key);
// 0 if nobody has it.
absl::StatusOr<int64_t> FindOwner(SqlHandle& db, int64_t conn, Identifier::Kind kind,
                                  std::string_view value);
absl::StatusOr<int64_t> FindByBrevoId(SqlHandle& db, int64_t conn, int64_t brevo_id);

// Gives the state its key and takes its identifiers where nobody else has them.
absl::Status InsertContact(SqlSession& session, ContactState& state);
// Writes `state` over `known`, if it differs, and moves its identifiers by the difference.
absl::Status UpdateContact(SqlSession& session, const StoredContact& known,
                           const ContactState& state);

// Takes the identifier unless another contact has it; true if the contact has it now.
absl::StatusOr<bool> TakeIdentifier(SqlSession& session, int64_t contact,
                                    const Identifier& identifier);
// Gives the identifier up if the contact has it.
absl::Status DropIdentifier(SqlSession& session, int64_t contact, const Identifier& identifier);

}  // namespace connector::store
