#pragma once

// The contract's messages about records and the values of sync::Records, matched by the names of
// their fields: so that one code serves all five kinds.

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "model/record.h"

namespace connector::rpc {

// Fills a Person, Deal, Organization, Activity or Lead.
void FillRecord(const Tree::Members& record, google::protobuf::Message& out);

// What of a record's message is to be written, by Pipedrive's names: the fields of the mask, or
// without one those that have a value. INVALID_ARGUMENT names the field.
absl::StatusOr<Tree::Members> BodyOf(RecordKind kind, const google::protobuf::Message& record,
                                     const google::protobuf::FieldMask* mask);

// A List...Request. INVALID_ARGUMENT names the field.
absl::StatusOr<RecordsQuery> QueryOf(RecordKind kind, const google::protobuf::Message& request);

// Page tokens hold the vendor's cursor and a mark of the request, all of which but the token must
// be as for the page before.
std::string PageTokenOf(const std::string& cursor, const google::protobuf::Message& request);
absl::StatusOr<std::string> CursorOf(const google::protobuf::Message& request);

// 1 to 500, 0 means 100; INVALID_ARGUMENT otherwise.
absl::StatusOr<int> PageSizeOf(int wanted);

// By name, of any message.
const google::protobuf::FieldDescriptor* NamedField(const google::protobuf::Message& message,
                                                    std::string_view name);
std::string TextOf(const google::protobuf::Message& message, std::string_view name);

}  // namespace connector::rpc
