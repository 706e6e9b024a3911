#pragma once

// One attribute's value into the form a Pipedrive custom field takes.

#include <string_view>

#include "mapping/person_patch.h"
#include "mapping/phone.h"
#include "model/person.h"
#include "model/schema.h"

namespace connector::mapping {

struct CustomBack {
  // None: nothing of the value can be written. monostate clears.
  std::optional<CustomValue> value;
  std::optional<FailureReason> loss;  // with a value: of a part of it
  std::string detail;
};

// The inverse of ConvertCustom. `current` (may be null) gives what the attribute can't tell: the
// currency of an amount, the end of a range.
CustomBack ConvertBack(const PipedriveField& field, const BrevoAttribute& attribute,
                       const Value& value, const CustomValue* current, PhoneNormalizer& phones,
                       std::string_view default_currency);

}  // namespace connector::mapping
