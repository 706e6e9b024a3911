#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "http/json.h"
#include "model/record.h"
#include "pipedrive/custom_fields.h"
#include "pipedrive/record_parts.h"

namespace connector::pipedrive {

using FieldTypes = std::map<std::string, std::string>;  // of custom fields, by key

// A record as API v2 shows it, a lead as v1 does.
Record DecodeRecord(RecordKind kind, http::JsonValue value, const WantedFields& wanted);

// A record as the lists of v1 show it, by v2's names: what is expanded becomes an id.
Record DecodeRecordV1(RecordKind kind, http::JsonValue value, const WantedFields& wanted);

// The body that creates or changes it.
std::string EncodeRecord(const Record& record, const FieldTypes& types);

// Answers. UNAVAILABLE if they are not whole.
absl::StatusOr<Record> DecodeOneRecord(RecordKind kind, std::string_view body,
                                       const WantedFields& wanted);
struct RecordRows {
  std::vector<Record> records;
  PageEnd end;
};
absl::StatusOr<RecordRows> DecodeRecords(RecordKind kind, std::string_view body,
                                         const WantedFields& wanted);
// Of GET /v1/recents; rows of other kinds than those of RecordKind are left out.
absl::StatusOr<RecordRows> DecodeRecents(std::string_view body,
                                         const std::map<RecordKind, FieldTypes>& types);

}  // namespace connector::pipedrive
