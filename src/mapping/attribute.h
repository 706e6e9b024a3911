#pragma once

// What the files of this module ask of a Brevo attribute.

#include <string_view>

#include "model/schema.h"

namespace connector::mapping {

// SMS, WHATSAPP and LANDLINE_NUMBER: unique phone numbers, answered as digits.
bool IsPhoneAttribute(const BrevoAttribute& attribute);

// The option with this very label, else one that differs in ASCII case only, else null.
const BrevoAttribute::Option* FindOption(const BrevoAttribute& attribute, std::string_view label);

// Where an operator changes attributes and their options, for messages.
inline constexpr std::string_view kAttributesPage =
    "in Brevo under Contacts > Settings > Contact attributes";

}  // namespace connector::mapping
