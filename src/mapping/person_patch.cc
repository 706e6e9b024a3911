#include "mapping/person_patch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "mapping/attribute.h"
#include "mapping/convert_back.h"
#include "mapping/person_mapper.h"
#include "mapping/text.h"
#include "model/contact_state.h"

namespace connector::mapping {
namespace {

using Points = std::vector<ContactPoint>;

constexpr size_t kNone = static_cast<size_t>(-1);

// Makes entry `index` the only primary one.
void MakePrimary(Points& points, size_t index) {
  for (size_t i = 0; i < points.size(); ++i) points[i].primary = i == index;
}

// Puts `value` where the chosen entry is, or at the end; an entry that `is_same` is made the
// primary one instead, so that nothing is lost.
template <typename IsSame>
void Replace(Points& points, size_t chosen, std::string value, const IsSame& is_same) {
  const auto there = std::find_if(points.begin(), points.end(), is_same);
  if (there != points.end()) {
    return MakePrimary(points, static_cast<size_t>(there - points.begin()));
  }
  if (chosen != kNone) {
    points[chosen].value = std::move(value);
    return;
  }
  points.push_back({std::move(value), "work", false});
  MakePrimary(points, points.size() - 1);
}

void Remove(Points& points, size_t chosen) {
  if (chosen == kNone) return;
  const bool primary = points[chosen].primary;
  points.erase(points.begin() + static_cast<std::ptrdiff_t>(chosen));
  if (primary && !points.empty()) MakePrimary(points, 0);
}

// The number an attribute is given, in MapPerson's order: the primary one first; to a phone
// attribute the first valid one.
size_t ChosenPhone(const Points& points, const BrevoAttribute& attribute, PhoneNormalizer& phones) {
  for (const bool primary : {true, false}) {
    for (size_t i = 0; i < points.size(); ++i) {
      if (points[i].primary != primary || TrimInvisible(points[i].value).empty()) continue;
      if (!IsPhoneAttribute(attribute) || phones.Normalize(points[i].value)) return i;
    }
  }
  return kNone;
}

size_t ChosenEmail(const Person& person) {
  const std::string chosen = ChooseEmail(person).email;
  for (size_t i = 0; i < person.emails.size() && !chosen.empty(); ++i) {
    if (EqualsIgnoringCase(TrimInvisible(person.emails[i].value), chosen)) return i;
  }
  return kNone;
}

// One MakePersonPatch().
class Patcher {
 public:
  Patcher(const Person& person, PhoneNormalizer& phones, std::string_view currency)
      : person_(person), phones_(phones), currency_(currency) {}

  void Take(const ResolvedField& field, const Value& value) {
    switch (field.source) {
      case SourceKind::kName:
        patch_.write.name = ToText(value);
        return TakenName(field);
      case SourceKind::kFirstName:
        patch_.write.first_name = ToText(value);
        return TakenName(field);
      case SourceKind::kLastName:
        patch_.write.last_name = ToText(value);
        return TakenName(field);
      case SourceKind::kPhone:
        return TakePhone(field.attribute, value);
      case SourceKind::kPersonCustomField:
        return TakeCustom(field, value);
      default:
        Lose(field.attribute.name, FailureReason::kInvalidValue, "flows to Brevo only");
    }
  }

  void TakeEmail(const std::string& email) {
    if (email.empty()) return;
    Points points = person_.emails;
    Replace(points, ChosenEmail(person_), email, [&email](const ContactPoint& point) {
      return EqualsIgnoringCase(TrimInvisible(point.value), email);
    });
    if (points != person_.emails) patch_.write.emails = std::move(points);
  }

  PersonPatch Finish() && {
    FinishName();
    std::sort(patch_.write.custom_fields.begin(), patch_.write.custom_fields.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    return std::move(patch_);
  }

 private:
  void Lose(std::string attribute, FailureReason reason, std::string detail, bool partly = false) {
    patch_.losses.push_back({std::move(attribute), reason, std::move(detail), partly});
  }

  void TakenName(const ResolvedField& field) { names_.push_back(field.attribute.name); }

  void FinishName() {
    PersonWrite& write = patch_.write;
    if (names_.empty()) return;
    if (write.name) {
      write.first_name.reset();
      write.last_name.reset();
    } else {
      if (!write.first_name) write.first_name = person_.first_name.value_or("");
      if (!write.last_name) write.last_name = person_.last_name.value_or("");
    }
    const auto is_empty = [](const std::optional<std::string>& part) {
      return TrimInvisible(part ? std::string_view(*part) : std::string_view()).empty();
    };
    if (!is_empty(write.name) || !is_empty(write.first_name) || !is_empty(write.last_name)) return;
    write.name.reset();
    write.first_name.reset();
    write.last_name.reset();
    for (const std::string& attribute : names_) {
      Lose(attribute, FailureReason::kInvalidValue,
           "cleared in Brevo, but a person in Pipedrive needs a name");
    }
  }

  void TakePhone(const BrevoAttribute& attribute, const Value& value) {
    Points points = patch_.write.phones.value_or(person_.phones);
    const size_t chosen = ChosenPhone(points, attribute, phones_);
    if (IsEmpty(value)) {
      Remove(points, chosen);
    } else {
      const std::string text = ToText(value);
      const std::string digits = PhoneDigits(text);
      Replace(points, chosen, IsPhoneAttribute(attribute) ? absl::StrCat("+", digits) : text,
              [&](const ContactPoint& point) {
                return phones_.Normalize(point.value) == digits ||
                       TrimInvisible(point.value) == text;
              });
    }
    if (points != person_.phones) patch_.write.phones = std::move(points);
  }

  void TakeCustom(const ResolvedField& field, const Value& value) {
    const std::string& key = field.custom_field.key;
    CustomBack back = ConvertBack(field.custom_field, field.attribute, value,
                                  FindCustomField(person_.custom_fields, key), phones_, currency_);
    if (back.loss) {
      Lose(field.attribute.name, *back.loss, std::move(back.detail), back.value.has_value());
    }
    if (back.value) patch_.write.custom_fields.emplace_back(key, *std::move(back.value));
  }

  const Person& person_;
  PhoneNormalizer& phones_;
  const std::string_view currency_;
  std::vector<std::string> names_;  // attributes that gave a name or a part of it
  PersonPatch patch_;
};

}  // namespace

PersonPatch MakePersonPatch(const ResolvedMap& map, const Person& person,
                            const std::vector<PersonChange>& changes,
                            const std::optional<std::string>& email, PhoneNormalizer& phones,
                            std::string_view default_currency) {
  Patcher patcher(person, phones, default_currency);
  for (const PersonChange& change : changes) patcher.Take(map.fields[change.field], change.value);
  if (email) patcher.TakeEmail(*email);
  return std::move(patcher).Finish();
}

}  // namespace connector::mapping
