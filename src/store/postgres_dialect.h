#pragma once

// The store's SQL is written once, for SQLite; this is what becomes of it for PostgreSQL. Pure.

#include <string>
#include <string_view>

namespace connector::store {

// Numbers the parameters ($1), calls MAX and MIN of several arguments by their names there, drops
// the hints that name an index and the comments.
std::string ToPostgres(std::string_view statement);

// The same for the steps of the schema: 64-bit integers, bytea, text compared by its bytes as
// SQLite does, keys that count by themselves, no storage hints.
std::string ToPostgresSchema(std::string_view script);

// Text as PostgreSQL takes it: no NUL and no invalid UTF-8, each of which becomes U+FFFD. Returns
// false if it is fine as it is and leaves `out` alone.
bool RepairText(std::string_view text, std::string& out);

}  // namespace connector::store
