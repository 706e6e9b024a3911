#include "model/run.h"

#include <array>

namespace connector {
namespace {

// Throws on a number outside the enumeration, which only a bug can bring.
template <typename Enum, size_t kSize>
std::string_view NameOf(const std::array<std::string_view, kSize>& names, Enum value) {
  return names.at(static_cast<size_t>(value));
}

}  // namespace

std::string_view RunKindName(RunKind kind) {
  static constexpr std::array<std::string_view, 5> kNames = {"persons", "deals", "organizations",
                                                             "activities", "leads"};
  return NameOf(kNames, kind);
}

std::string_view RunStateName(RunState state) {
  static constexpr std::array<std::string_view, 5> kNames = {"queued", "running", "succeeded",
                                                             "failed", "cancelled"};
  return NameOf(kNames, state);
}

std::string_view RunPhaseName(RunPhase phase) {
  static constexpr std::array<std::string_view, 6> kNames = {
      "prepare", "read_brevo", "read_pipedrive", "converge", "settle", "done"};
  return NameOf(kNames, phase);
}

std::string_view SkipReasonName(SkipReason reason) {
  static constexpr std::array<std::string_view, 6> kNames = {
      "no_email", "deleted", "duplicate_email", "invalid_email", "breaker", "erased"};
  return NameOf(kNames, reason);
}

std::string_view FailureReasonName(FailureReason reason) {
  static constexpr std::array<std::string_view, 16> kNames = {
      "invalid_phone",    "invalid_email",       "invalid_value",    "duplicate_phone",
      "duplicate_ext_id", "identifier_conflict", "refused_by_brevo", "rejected_by_brevo",
      "malformed_record", "ambiguous",           "internal",         "rejected_by_pipedrive",
      "field_missing",    "not_found",           "unavailable",      "other_currency"};
  return NameOf(kNames, reason);
}

bool IsFieldLoss(FailureReason reason) {
  switch (reason) {
    case FailureReason::kInvalidPhone:
    case FailureReason::kInvalidValue:
    case FailureReason::kDuplicatePhone:
    case FailureReason::kDuplicateExtId:
    case FailureReason::kIdentifierConflict:
    case FailureReason::kRefusedByBrevo:
    case FailureReason::kFieldMissing:
    case FailureReason::kOtherCurrency:
      return true;
    case FailureReason::kInvalidEmail:
    case FailureReason::kRejectedByBrevo:
    case FailureReason::kMalformedRecord:
    case FailureReason::kAmbiguous:
    case FailureReason::kInternal:
    case FailureReason::kRejectedByPipedrive:
    case FailureReason::kNotFound:
    case FailureReason::kUnavailable:
      return false;
  }
  return false;
}

}  // namespace connector
