#pragma once

// Bodies written as text, member by member.

#include <string>
#include <vector>

#include "http/json_members.h"
#include "model/value.h"

namespace connector::brevo {

// Appends a value as JSON: numbers without exponent and trailing zeros, an empty value as "" (which
// clears), an empty list of labels as [].
void AppendValue(std::string& out, const Value& value);

// An array of texts.
void AppendTexts(std::string& out, const std::vector<std::string>& texts);

using Members = http::JsonMembers;

}  // namespace connector::brevo
