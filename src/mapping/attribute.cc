#include "mapping/attribute.h"

#include "mapping/text.h"
#include "model/contact_state.h"

namespace connector::mapping {

bool IsPhoneAttribute(const BrevoAttribute& attribute) {
  const auto kind = IdentifierKindOf(attribute.name);
  return kind == Identifier::Kind::kSms || kind == Identifier::Kind::kWhatsapp ||
         kind == Identifier::Kind::kLandline;
}

const BrevoAttribute::Option* FindOption(const BrevoAttribute& attribute, std::string_view label) {
  const BrevoAttribute::Option* near = nullptr;
  for (const BrevoAttribute::Option& option : attribute.options) {
    if (option.label == label) return &option;
    if (!near && EqualsIgnoringCase(option.label, label)) near = &option;
  }
  return near;
}

}  // namespace connector::mapping
