#pragma once

// One connection to an SQL database as C++, whichever product it is: statements with parameters
// bound by type, rows read by column, errors as statuses that name the database and the remedy.
//
// Statements are written once, in what SQLite takes; store/postgres_dialect.h says what becomes of
// them elsewhere.

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/clock.h"

namespace connector::store {

// Bound as binary; a plain text is bound as text.
struct Blob {
  std::string_view bytes;
};

// The text of a statement. Prepared statements are found again by its address, so it must last as
// long as the program: the consteval constructor takes nothing else.
struct Sql {
  // NOLINTNEXTLINE(google-explicit-constructor): a literal is meant to be passed as it is.
  consteval Sql(const char* sql) : text(sql) {}
  const char* text;
};

// A parameter. It does not own its bytes, and says its type even if it is null.
struct SqlValue {
  enum class Type : uint8_t { kNumber, kText, kBlob };

  SqlValue(int64_t value) : type(Type::kNumber), number(value) {}            // NOLINT
  SqlValue(int value) : type(Type::kNumber), number(value) {}                // NOLINT
  SqlValue(bool value) : type(Type::kNumber), number(value ? 1 : 0) {}       // NOLINT
  SqlValue(Time value) : SqlValue(value.time_since_epoch().count()) {}       // NOLINT
  SqlValue(std::string_view value) : type(Type::kText), bytes(value) {}      // NOLINT
  SqlValue(const std::string& value) : SqlValue(std::string_view(value)) {}  // NOLINT
  SqlValue(const char* value) : SqlValue(std::string_view(value)) {}         // NOLINT
  SqlValue(Blob value) : type(Type::kBlob), bytes(value.bytes) {}            // NOLINT
  template <typename T>
  SqlValue(const std::optional<T>& value)
      : SqlValue(value ? SqlValue(*value) : SqlValue(T{})) {  // NOLINT
    null = !value.has_value();
  }

  Type type;
  bool null = false;
  int64_t number = 0;
  std::string_view bytes;
};

// The rows of one statement, as a product gives them. Views it hands out live until the next
// Next().
class SqlRows {
 public:
  virtual ~SqlRows() = default;
  virtual absl::StatusOr<bool> Next() = 0;
  virtual int64_t Int(int column) const = 0;
  virtual bool IsNull(int column) const = 0;
  virtual std::string_view Bytes(int column) const = 0;  // text or binary
};

// The same with types. The statement is free for its next use when this is destroyed, so the same
// SQL can't be asked again inside its own loop.
class SqlQuery {
 public:
  explicit SqlQuery(std::unique_ptr<SqlRows> rows) : rows_(std::move(rows)) {}

  // Steps to the next row; false behind the last.
  absl::StatusOr<bool> Next() { return rows_->Next(); }

  int64_t Int(int column) const { return rows_->Int(column); }
  bool IsNull(int column) const { return rows_->IsNull(column); }
  std::optional<int64_t> OptionalInt(int column) const {
    if (IsNull(column)) return std::nullopt;
    return Int(column);
  }
  Time Instant(int column) const { return Time(Duration(Int(column))); }
  std::optional<Time> OptionalInstant(int column) const {
    if (IsNull(column)) return std::nullopt;
    return Instant(column);
  }
  std::string_view Bytes(int column) const { return rows_->Bytes(column); }
  std::string Text(int column) const { return std::string(Bytes(column)); }

 private:
  std::unique_ptr<SqlRows> rows_;
};

// Not for concurrent use: its owner guards it.
class SqlHandle {
 public:
  virtual ~SqlHandle() = default;

  template <typename... Args>
  SqlQuery Query(Sql sql, const Args&... args) {
    return SqlQuery(Ask(sql, std::initializer_list<SqlValue>{SqlValue(args)...}));
  }

  // Runs a statement to its end.
  template <typename... Args>
  absl::Status Execute(Sql sql, const Args&... args) {
    return Run(sql, std::initializer_list<SqlValue>{SqlValue(args)...});
  }

  // Runs any number of statements that are not worth keeping.
  virtual absl::Status Script(const std::string& sql) = 0;

  // Rows the last statement inserted, changed or deleted.
  virtual int64_t changes() const = 0;

 protected:
  using Values = absl::Span<const SqlValue>;

  // The bytes of the values may be gone when this returns.
  virtual std::unique_ptr<SqlRows> Ask(Sql sql, Values values) = 0;
  virtual absl::Status Run(Sql sql, Values values) = 0;
};

}  // namespace connector::store
