#include "model/contact_state.h"

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace connector {
namespace {

struct IdentifierName {
  Identifier::Kind kind;
  std::string_view attribute;
};

constexpr std::array<IdentifierName, 5> kIdentifierNames = {{
    {Identifier::Kind::kEmail, "EMAIL"},
    {Identifier::Kind::kExtId, "EXT_ID"},
    {Identifier::Kind::kSms, "SMS"},
    {Identifier::Kind::kWhatsapp, "WHATSAPP"},
    {Identifier::Kind::kLandline, "LANDLINE_NUMBER"},
}};

bool IsPhone(Identifier::Kind kind) { return kind >= Identifier::Kind::kSms; }

void AddValue(std::vector<Identifier>& out, Identifier::Kind kind, const Value& value) {
  std::string text;
  if (const auto* held = std::get_if<std::string>(&value)) {
    text = IsPhone(kind) ? PhoneDigits(*held) : *held;
  } else if (const auto* number = std::get_if<double>(&value); number && IsPhone(kind)) {
    text = PhoneDigits(ToText(*number));
  }
  if (!text.empty()) out.push_back({kind, std::move(text)});
}

template <typename Fields>
auto LowerBound(Fields& fields, std::string_view attribute) {
  return std::lower_bound(fields.begin(), fields.end(), attribute,
                          [](const FieldState& field, std::string_view wanted) {
                            return std::string_view(field.attribute) < wanted;
                          });
}

}  // namespace

FieldState* FindField(ContactState& state, std::string_view attribute) {
  const auto at = LowerBound(state.fields, attribute);
  return at != state.fields.end() && at->attribute == attribute ? &*at : nullptr;
}

const FieldState* FindField(const ContactState& state, std::string_view attribute) {
  const auto at = LowerBound(state.fields, attribute);
  return at != state.fields.end() && at->attribute == attribute ? &*at : nullptr;
}

FieldState& EnsureField(ContactState& state, std::string_view attribute) {
  const auto at = LowerBound(state.fields, attribute);
  if (at != state.fields.end() && at->attribute == attribute) return *at;
  FieldState field;
  field.attribute = attribute;
  return *state.fields.insert(at, std::move(field));
}

std::optional<Identifier::Kind> IdentifierKindOf(std::string_view attribute) {
  for (const IdentifierName& name : kIdentifierNames) {
    if (name.kind != Identifier::Kind::kEmail && name.attribute == attribute) return name.kind;
  }
  return std::nullopt;
}

std::string_view IdentifierAttribute(Identifier::Kind kind) {
  for (const IdentifierName& name : kIdentifierNames) {
    if (name.kind == kind) return name.attribute;
  }
  return "";
}

std::string PhoneDigits(std::string_view phone) {
  std::string digits;
  digits.reserve(phone.size());
  for (const char c : phone) {
    if (c >= '0' && c <= '9') digits += c;
  }
  // 0049... and +49... are one number; Brevo takes both and answers 49... (its help on phone
  // formats). No number with a country code begins with 0.
  if (digits.starts_with("00")) digits.erase(0, 2);
  return digits;
}

std::vector<Identifier> OwnedIdentifiers(const ContactState& state) {
  std::vector<Identifier> out;
  if (!state.email.empty()) out.push_back({Identifier::Kind::kEmail, AsciiLower(state.email)});
  if (!state.ext_id.empty()) out.push_back({Identifier::Kind::kExtId, state.ext_id});
  for (const FieldState& field : state.fields) {
    const auto kind = IdentifierKindOf(field.attribute);
    if (!kind) continue;
    AddValue(out, *kind, field.seen);
    if (field.unconfirmed) AddValue(out, *kind, *field.unconfirmed);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace connector
