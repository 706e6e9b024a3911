#pragma once

// What an error carries beside its code and text. Vendor codes are turned into these once, at the
// client; above it nobody reads an HTTP number.

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"

namespace connector {

// What is to be done about a failed call.
enum class Reaction {
  kNone,          // not classified: treat as kFailRecord
  kRetry,         // passing: try again later
  kRepair,        // one value was refused (see Field()): drop it and try once more
  kConflict,      // an identifier belongs to another record (see Field())
  kGone,          // the record does not exist any more
  kFailRecord,    // this record cannot be written; the rest goes on
  kPauseAccount,  // credential, plan or account trouble: stop this account and say so
  kAmbiguous,     // the call may have taken effect: look before trying again
};

std::string_view ReactionName(Reaction reaction);

absl::Status WithReaction(absl::Status status, Reaction reaction);
Reaction ReactionOf(const absl::Status& status);

// How long to wait at least before the same call may succeed.
absl::Status WithRetryAfter(absl::Status status, Duration wait);
std::optional<Duration> RetryAfterOf(const absl::Status& status);

// The attribute or identifier the vendor named, in the vendor's spelling ("SMS", "EXT_ID",
// "email").
absl::Status WithField(absl::Status status, std::string_view field);
std::string FieldOf(const absl::Status& status);

// The same status with `context: ` before its text; payloads are kept.
absl::Status Annotate(const absl::Status& status, std::string_view context);

// Makes a status from a std::string_view text.
absl::Status MakeStatus(absl::StatusCode code, std::string_view text);

}  // namespace connector

// Returns the status of an expression from the enclosing function unless it is OK.
#define CONNECTOR_RETURN_IF_ERROR(expression)                               \
  do {                                                                      \
    if (absl::Status status_ = (expression); !status_.ok()) return status_; \
  } while (false)

#define CONNECTOR_CONCAT_INNER_(a, b) a##b
#define CONNECTOR_CONCAT_(a, b) CONNECTOR_CONCAT_INNER_(a, b)

// `CONNECTOR_ASSIGN_OR_RETURN(auto x, F());` declares x from a StatusOr or returns its status.
#define CONNECTOR_ASSIGN_OR_RETURN(declaration, expression) \
  CONNECTOR_ASSIGN_OR_RETURN_INNER_(CONNECTOR_CONCAT_(result_, __LINE__), declaration, expression)
#define CONNECTOR_ASSIGN_OR_RETURN_INNER_(result, declaration, expression) \
  auto result = (expression);                                              \
  if (!result.ok()) return result.status();                                \
  declaration = *std::move(result)
