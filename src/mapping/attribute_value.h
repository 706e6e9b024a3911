#pragma once

// Values as Brevo attributes hold them: how an answer is read and when two are the same.

#include "model/schema.h"
#include "model/value.h"

namespace connector::mapping {

// A value of a Brevo answer in the form mapping yields: category numbers become labels, dates lose
// a time part, number-like text in number attributes becomes a number, labels are sorted.
Value NormalizeSeen(const BrevoAttribute& attribute, Value value);

// The same to Brevo: phones by digits, numbers by value, text exactly (leading and trailing space
// aside), labels by exact text, empty equals empty.
bool SameValue(const BrevoAttribute& attribute, const Value& a, const Value& b);

}  // namespace connector::mapping
