#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/schema.h"
#include "pipedrive/record_parts.h"

namespace connector::pipedrive {

// A page of GET /personFields or /organizationFields of either API version. A field that cannot be
// read (v1 subfields have no id, some no key) is left out. UNAVAILABLE if the page is not whole.
struct FieldPage {
  std::vector<PipedriveField> fields;
  PageEnd end;
};
absl::StatusOr<FieldPage> DecodeFieldsV2(std::string_view body);
absl::StatusOr<FieldPage> DecodeFieldsV1(std::string_view body);

// GET /users/me.
absl::StatusOr<PipedriveAccount> DecodeAccount(std::string_view body);

}  // namespace connector::pipedrive
