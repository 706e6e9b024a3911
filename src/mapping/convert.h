#pragma once

// One source value into the form its attribute takes. Every function sets either `out.value` or
// `out.loss`; what fits no type of attribute was sorted out when the map was resolved.

#include <cstdint>
#include <string_view>
#include <vector>

#include "mapping/person_mapper.h"
#include "mapping/phone.h"
#include "model/person.h"
#include "model/schema.h"

namespace connector::mapping {

void ConvertText(const BrevoAttribute& attribute, std::string_view text, MappedValue& out);
void ConvertNumber(const BrevoAttribute& attribute, double number, MappedValue& out);
void ConvertInteger(const BrevoAttribute& attribute, int64_t number, MappedValue& out);

// Labels that the attribute doesn't know are lost.
void ConvertLabels(const BrevoAttribute& attribute, std::vector<std::string_view> labels,
                   MappedValue& out);

// The numbers as typed, best first. To a phone attribute goes the first valid one, to any other the
// first one as it is.
void ConvertPhones(const BrevoAttribute& attribute, const std::vector<std::string_view>& numbers,
                   PhoneNormalizer& phones, MappedValue& out);

// `value` may be null (the field is empty). Tolerates what a decoder that does not know the schema
// yields: option ids as number or as text ("12,15").
void ConvertCustom(const PipedriveField& field, const BrevoAttribute& attribute,
                   const CustomValue* value, PhoneNormalizer& phones, MappedValue& out);

}  // namespace connector::mapping
