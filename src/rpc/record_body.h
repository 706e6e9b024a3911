#pragma once

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>

#include "absl/status/statusor.h"
#include "model/record.h"

namespace connector::rpc {

// What of a record's message is to be written, by Pipedrive's names: the fields of the mask, or
// without one those that have a value. INVALID_ARGUMENT names the field.
absl::StatusOr<Tree::Members> BodyOf(RecordKind kind, const google::protobuf::Message& record,
                                     const google::protobuf::FieldMask* mask);

}  // namespace connector::rpc
