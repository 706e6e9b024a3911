#include "model/brevo_change.h"

namespace connector {

std::string_view BrevoChangeName(BrevoChange::Kind kind) {
  switch (kind) {
    case BrevoChange::Kind::kContactUpdated:
      return "contact_updated";
    case BrevoChange::Kind::kContactDeleted:
      return "contact_deleted";
    case BrevoChange::Kind::kListAddition:
      return "list_addition";
    case BrevoChange::Kind::kUnsubscribed:
      return "unsubscribed";
    case BrevoChange::Kind::kHardBounce:
      return "hard_bounce";
    case BrevoChange::Kind::kSoftBounce:
      return "soft_bounce";
    case BrevoChange::Kind::kSpam:
      return "spam";
    case BrevoChange::Kind::kOther:
      break;
  }
  return "other";
}

}  // namespace connector
