#pragma once

// The way back: from values Brevo holds to what is to be written of the Pipedrive person. Pure.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/field_map.h"
#include "mapping/phone.h"
#include "model/person.h"
#include "model/person_write.h"
#include "model/run.h"
#include "model/value.h"

namespace connector::mapping {

// One attribute whose value belongs into Pipedrive.
struct PersonChange {
  size_t field = 0;  // its place in ResolvedMap::fields
  Value value;
};

// A value that Pipedrive could not hold, or not all of it; the rest of the person is written.
struct PersonLoss {
  std::string attribute;
  FailureReason reason = FailureReason::kInvalidValue;
  std::string detail;   // for people
  bool partly = false;  // some of it is written, such as the other labels of a set
};

struct PersonPatch {
  PersonWrite write;
  std::vector<PersonLoss> losses;
};

// `person` is as Pipedrive was last seen to hold it. A changed phone or e-mail takes the place of
// the entry the mapping had chosen and keeps its label; the other entries stay as they are, and one
// that already has the new value becomes the primary one instead. A first name is written together
// with the last one, since Pipedrive keeps both in one name. Labels become option ids; a label that
// is no option is lost under kFieldMissing, the rest of its set is written. An e-mail is never
// cleared, and so isn't a name as a whole.
PersonPatch MakePersonPatch(const ResolvedMap& map, const Person& person,
                            const std::vector<PersonChange>& changes,
                            const std::optional<std::string>& email, PhoneNormalizer& phones,
                            std::string_view default_currency);

}  // namespace connector::mapping
