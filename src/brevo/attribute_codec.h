#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/schema.h"

namespace connector::brevo {

// GET /contacts/attributes. An attribute without a name is left out.
absl::StatusOr<std::vector<BrevoAttribute>> DecodeAttributes(std::string_view body);

// The category of the path that creates `attribute`: its own, or the one its type needs.
std::string_view AttributeCategory(const BrevoAttribute& attribute);

// The body that creates it. INVALID_ARGUMENT for a type that is not known here.
absl::StatusOr<std::string> EncodeAttribute(const BrevoAttribute& attribute);

}  // namespace connector::brevo
