#pragma once

// The schema of the database as numbered steps, written for SQLite. A step is never changed once
// released; a change is a new step at the end. Replicas of two versions share a database while an
// update rolls: a step must leave what the version before it does working.

#include "absl/types/span.h"

namespace connector::store {

struct SchemaStep {
  const char* sqlite;
  const char* postgres = nullptr;  // where ToPostgresSchema does not do
};

absl::Span<const SchemaStep> SchemaSteps();

}  // namespace connector::store
