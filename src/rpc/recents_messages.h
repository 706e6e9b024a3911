#pragma once

#include <google/protobuf/message.h>

#include <string_view>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "model/record.h"
#include "pipedrive_connector/v1/account.pb.h"

namespace connector::rpc {

// INVALID_ARGUMENT names the field.
absl::StatusOr<RecordKind> KindOf(pipedrive_connector::v1::RecordKind kind, std::string_view field);

// INVALID_ARGUMENT names the field, and says so of a time longer ago than Pipedrive remembers.
absl::StatusOr<RecentsQuery> RecentsOf(const pipedrive_connector::v1::ListRecentsRequest& request,
                                       Time now);

// The part of the change that holds a record of this kind.
google::protobuf::Message& RecordOf(RecordKind kind, pipedrive_connector::v1::RecentChange& change);

}  // namespace connector::rpc
