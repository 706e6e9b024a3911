#include "rpc/contact_key.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace connector::rpc {
namespace {

namespace v1 = pipedrive_connector::v1;

absl::StatusOr<sync::ContactKey> CheckedId(absl::string_view field, int64_t id,
                                           sync::ContactKey key) {
  if (id > 0) return key;
  return absl::InvalidArgumentError(absl::StrCat(field, ": must be a positive id, not ", id));
}

}  // namespace

absl::StatusOr<sync::ContactKey> ToContactKey(const v1::ContactKey& key) {
  switch (key.by_case()) {
    case v1::ContactKey::kPersonId:
      return CheckedId("key.person_id", key.person_id(), sync::PersonKey{key.person_id()});
    case v1::ContactKey::kContactId:
      return CheckedId("key.contact_id", key.contact_id(), sync::BrevoKey{key.contact_id()});
    case v1::ContactKey::kEmail: {
      const absl::string_view email = absl::StripAsciiWhitespace(key.email());
      if (email.find('@') == absl::string_view::npos) {
        return absl::InvalidArgumentError("key.email: must be an e-mail address");
      }
      return sync::EmailKey{std::string(email)};
    }
    case v1::ContactKey::BY_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("key: name person_id, email or contact_id");
}

}  // namespace connector::rpc
