#pragma once

// What the connector durably knows of one contact: what Brevo was last seen to hold, what both
// sides agreed on, and what was written but not yet seen.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/value.h"

namespace connector {

// One mapped attribute of a contact.
struct FieldState {
  std::string attribute;
  Value seen;                        // what Brevo was last seen to hold
  std::optional<Value> base;         // the last agreed value; none: never merged
  std::optional<Value> unconfirmed;  // written, not yet seen
  std::optional<Value> refused;      // written, then seen not to have taken

  bool operator==(const FieldState&) const = default;
};

// How often values of a contact went back to what was written before, within an hour.
struct Flips {
  Time since{};  // when the hour began, by our clock
  int count = 0;
  std::vector<int64_t> written;  // hashes of what was written to either side since

  bool operator==(const Flips&) const = default;
};

enum class Existence {
  kUnknown,  // never looked: a create must be prepared to find it there
  kAbsent,   // Brevo was read and it was not there
  kPresent,
};

struct ContactState {
  int64_t key = 0;       // local, never reused, given by the store
  int64_t brevo_id = 0;  // 0: not known yet (an import and a 204 return none)
  Existence existence = Existence::kUnknown;
  std::string email;   // as Brevo has it or as it was written; lower case is the identity
  std::string ext_id;  // as seen or written
  bool email_blacklisted = false;
  bool sms_blacklisted = false;
  std::vector<int64_t> lists;       // memberships seen or written; sorted
  std::vector<int64_t> lists_put;   // of these, the ones the connector put it into; sorted
  std::vector<int64_t> lists_left;  // left by its own hand or unsubscribed: never joined again
  std::vector<FieldState> fields;   // sorted by attribute
  std::optional<Time> brevo_modified_at;  // by Brevo's clock, when it was last looked at as a whole
  // When Brevo told of a change of it last, by its clock: what is told of it later is not in doubt.
  std::optional<Time> told_at;
  // The end of the last write, by our clock: a look that began before need not show it.
  std::optional<Time> written_at;
  std::optional<Flips> flips;

  bool operator==(const ContactState&) const = default;
};

FieldState* FindField(ContactState& state, std::string_view attribute);
const FieldState* FindField(const ContactState& state, std::string_view attribute);
// The field, inserted empty at its place if it is not there.
FieldState& EnsureField(ContactState& state, std::string_view attribute);

// What is to be stored of a contact that was worked on from `before` to `after` while others took
// it from `before` to `now`: both, as far as they don't contradict each other. Of two looks the
// newer one counts, and a list that was left by somebody's own hand stays left.
ContactState Rebase(const ContactState& before, const ContactState& after, const ContactState& now);

// An identifier that is unique in a Brevo account.
struct Identifier {
  enum class Kind : uint8_t { kEmail = 1, kExtId = 2, kSms = 3, kWhatsapp = 4, kLandline = 5 };
  Kind kind = Kind::kEmail;
  std::string value;  // e-mail in lower case; phones as digits only; EXT_ID as it is

  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the defaulted <=> for a null
  // pointer.
  auto operator<=>(const Identifier&) const = default;
};

// The kind behind an attribute name (SMS, WHATSAPP, LANDLINE_NUMBER, EXT_ID), if it is one.
std::optional<Identifier::Kind> IdentifierKindOf(std::string_view attribute);
std::string_view IdentifierAttribute(Identifier::Kind kind);

// Digits of a phone number in any spelling: how phone identifiers are compared.
std::string PhoneDigits(std::string_view phone);

// Everything the contact holds or was sent: the identifiers it owns.
std::vector<Identifier> OwnedIdentifiers(const ContactState& state);

}  // namespace connector
