#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/statusor.h"
#include "model/record.h"

namespace connector::rpc {

// A List...Request. INVALID_ARGUMENT names the field.
absl::StatusOr<RecordsQuery> QueryOf(RecordKind kind, const google::protobuf::Message& request);

// Page tokens hold the vendor's cursor and a mark of the request, all of which but the token must
// be as for the page before.
std::string PageTokenOf(const std::string& cursor, const google::protobuf::Message& request);
absl::StatusOr<std::string> CursorOf(const google::protobuf::Message& request);

// 1 to 500, 0 means 100; INVALID_ARGUMENT otherwise.
absl::StatusOr<int> PageSizeOf(int wanted);

}  // namespace connector::rpc
