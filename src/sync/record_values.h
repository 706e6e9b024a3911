#pragma once

// Custom fields as callers know them: a field by its key or its unique display name, an option by
// its label. Pure; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/record.h"
#include "model/schema.h"

namespace connector::sync {

// Text and dates are texts, numbers numbers, one option is its label, several are a list of labels,
// money is {"amount": "12.50", "currency": "EUR"}, a range {"from", "until"}, a reference the id.
Tree PlainValue(const CustomValue& value, const PipedriveField* field);

// The other way; a missing value clears. INVALID_ARGUMENT says what the field takes.
absl::StatusOr<CustomValue> CustomValueOf(const Tree& plain, const PipedriveField& field);

// The record with its custom fields as the member "custom_fields", by key.
Tree::Members PlainRecord(Record record, const std::vector<PipedriveField>& fields);

// The other way; custom fields by key or name. INVALID_ARGUMENT names the field.
absl::StatusOr<Record> RecordOf(RecordKind kind, Tree::Members plain,
                                const std::vector<PipedriveField>& fields);

}  // namespace connector::sync
