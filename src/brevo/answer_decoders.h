#pragma once

// The small answers of the API.

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "brevo/client.h"

namespace connector::brevo {

// GET /contacts/lists; `total` counts the lists of all pages.
struct ListPage {
  std::vector<BrevoList> lists;
  int64_t total = 0;
};
absl::StatusOr<ListPage> DecodeLists(std::string_view body);

// GET /account.
absl::StatusOr<BrevoAccount> DecodeAccount(std::string_view body);

// A number such as `id` or `processId` from a short answer.
absl::StatusOr<int64_t> DecodeNumber(std::string_view body, std::string_view name);

}  // namespace connector::brevo
