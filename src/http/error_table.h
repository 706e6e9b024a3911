#pragma once

// How a vendor's refusals are read: a table of rows, the first that fits decides. Each vendor has
// one table, tested row by row; above it nobody reads an HTTP number.

#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/clock.h"
#include "base/status.h"
#include "http/transport.h"

namespace connector::http {

// Which answers a row reads and what they mean.
struct ErrorRule {
  enum class Body { kAny, kJson, kOther };

  int first_status = 0;
  int last_status = 0;
  Body body = Body::kAny;
  std::string_view code;  // the vendor's code; "" fits any
  std::string_view part;  // in lower case, somewhere in the vendor's text; "" fits any

  absl::StatusCode result = absl::StatusCode::kUnknown;
  Reaction reaction = Reaction::kNone;
  std::string_view field;   // the identifier or attribute in the vendor's spelling
  Duration wait{0};         // at least so long before another call; 0 says nothing
  std::string_view remedy;  // for people: what to mend
};

// The vendor's own words in one refusal.
struct VendorError {
  std::string code;
  std::string text;
};

// The first row that fits, or null.
const ErrorRule* FindRule(std::span<const ErrorRule> table, const Response& response,
                          const VendorError& error);

// The status of `rule`: "<who> answered HTTP 401 to <operation>: <text>; <remedy>; <trace>". Parts
// that are empty are left out.
absl::Status RuleStatus(const ErrorRule& rule, std::string_view who, std::string_view operation,
                        const Response& response, const VendorError& error, std::string_view trace);

}  // namespace connector::http
