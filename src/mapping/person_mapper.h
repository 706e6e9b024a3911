#pragma once

// From a Pipedrive person to the values Brevo should hold.

#include <optional>
#include <string>
#include <vector>

#include "mapping/deal_totals.h"
#include "mapping/field_map.h"
#include "mapping/lead_fields.h"
#include "mapping/phone.h"
#include "model/organization.h"
#include "model/person.h"
#include "model/run.h"
#include "model/value.h"

namespace connector::mapping {

// The e-mail a person is known by in Brevo.
struct EmailChoice {
  std::string email;                  // lower case, trimmed; "" if none is usable
  bool has_any = false;               // the person has some text in an e-mail field
  std::vector<std::string> rejected;  // addresses that are none, as typed
};

// The primary address if it is valid, else the first valid one. Validity is what Brevo takes: one
// @, a dotted domain, no spaces or control characters, at most 254 bytes; non-ASCII local parts are
// refused there.
EmailChoice ChooseEmail(const Person& person);

// One value for one ResolvedField (same index).
struct MappedValue {
  Value value;
  // Set if the source has something that cannot be written, to be reported. The field is left out,
  // unless some labels of a set are lost and the rest is in `value`.
  std::optional<FailureReason> loss;
  std::string loss_detail;  // for people; the form of what was typed, never a phone number itself
  // False if the source wasn't asked for or isn't loaded yet (counts of a person that came by
  // webhook, an organization that is linked but not at hand): unlike empty it must not clear
  // anything.
  bool known = true;

  // What Merge takes as Pipedrive's side: nothing if there is no opinion.
  std::optional<Value> Wanted() const {
    if (!known || (loss && IsEmpty(value))) return std::nullopt;
    return value;
  }
};

// Maps all fields of a person. `organization` may be null (if the person has none the org fields
// are empty, if it has one they are not known). Values fit the attribute's type: numbers for number
// attributes, labels for options, 2026-11-24 for dates, E.164 digits without + for phones going to
// SMS/WHATSAPP/LANDLINE_NUMBER, text for text. Phones are tried in order, the primary first, until
// one is valid. Counts and revenue come from `deals` if the map says so, lead.* from `leads` (null:
// not known).
std::vector<MappedValue> MapPerson(const ResolvedMap& map, const Person& person,
                                   const Organization* organization, PhoneNormalizer& phones,
                                   const DealTotals* deals = nullptr,
                                   const LeadFields* leads = nullptr);

}  // namespace connector::mapping
