#pragma once

#include "absl/status/statusor.h"
#include "pipedrive_connector/v1/explain.pb.h"
#include "sync/contact_key.h"

namespace connector::rpc {

// INVALID_ARGUMENT names the field.
absl::StatusOr<sync::ContactKey> ToContactKey(const pipedrive_connector::v1::ContactKey& key);

}  // namespace connector::rpc
