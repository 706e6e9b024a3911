#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "brevo/client.h"
#include "http/json.h"

namespace connector::brevo {

// An attribute's value: labels sorted, null and objects (which no attribute holds) empty.
Value DecodeValue(http::JsonValue value);

// A page of GET /contacts; a contact that cannot be read costs only itself. UNAVAILABLE if the page
// is not whole.
absl::StatusOr<ContactPage> DecodeContacts(std::string_view body);

// GET /contacts/{identifier}.
absl::StatusOr<Contact> DecodeContact(std::string_view body);

}  // namespace connector::brevo
