#include "model/service_status.h"

namespace connector {

std::string_view AccountStateName(AccountState state) {
  switch (state) {
    case AccountState::kOk:
      return "ok";
    case AccountState::kCredentialRefused:
      return "credential_refused";
    case AccountState::kUnreachable:
      return "unreachable";
    case AccountState::kQuotaSpent:
      return "quota_spent";
    case AccountState::kBlocked:
      return "blocked";
    case AccountState::kNotAuthorised:
      return "not_authorised";
  }
  return "unknown";
}

}  // namespace connector
