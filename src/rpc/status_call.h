#pragma once

// Operations.GetStatus.

#include <string_view>

#include "absl/status/statusor.h"
#include "model/service_status.h"
#include "pipedrive_connector/v1/status.pb.h"

namespace connector::rpc {

// The status as the contract shows it, of one connection or, with "", of all. NOT_FOUND names those
// there are.
absl::StatusOr<pipedrive_connector::v1::ServiceStatus> ToProto(const ServiceStatus& status,
                                                               std::string_view connection);

}  // namespace connector::rpc
