#pragma once

// The built-in sources and what kind of value a source gives: which attributes it fits.

#include <string_view>

#include "mapping/field_map.h"

namespace connector::mapping {

// What a source's values look like.
enum class SourceShape {
  kLine,  // free text that only text can hold: names, addresses, websites, times
  kText,  // text of a custom field, which may hold anything an attribute's type asks for
  kPhone,
  kCount,
  kNumber,
  kMoney,
  kDate,       // a date or a range of dates
  kOption,     // one label
  kOptionSet,  // several labels
  kReference,  // the id of another record
};

struct BuiltInSource {
  std::string_view name;
  SourceKind kind;
  SourceShape shape;
  bool to_brevo_only;
};

// Null if there is none of this name; "email" is not among them.
const BuiltInSource* FindBuiltIn(std::string_view name);

SourceShape ShapeOfCustomField(const PipedriveField& field);

// Whether the attribute can hold such values at all; a single value may still be refused.
bool Fits(SourceShape shape, const BrevoAttribute& attribute);

// The type a new attribute for such values should have.
AttributeType SuggestedType(SourceShape shape);

// For messages: "a phone number", "a set of options".
std::string_view DescribeShape(SourceShape shape);

}  // namespace connector::mapping
