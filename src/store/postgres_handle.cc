#include "store/postgres_handle.h"

#include <array>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status.h"
#include "store/postgres_dialect.h"

namespace connector::store {
namespace {

// Types as pg_type.h numbers them.
constexpr Oid kInt8 = 20;
constexpr Oid kText = 25;
constexpr Oid kBytea = 17;

// A replica that is cut off loses its session and the lock within a minute. The server's own
// timeouts end what hangs there: longer than any statement or transaction of the connector takes.
constexpr char kSessionSettings[] =
    "SET statement_timeout = '30s'; SET lock_timeout = '10s'; "
    "SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = warning; "
    "SET synchronous_commit = on";

Oid TypeOf(const SqlValue& value) {
  switch (value.type) {
    case SqlValue::Type::kNumber:
      return kInt8;
    case SqlValue::Type::kText:
      return kText;
    case SqlValue::Type::kBlob:
      break;
  }
  return kBytea;
}

// Parameters of one call as libpq wants them. Lives for the call.
class Parameters {
 public:
  explicit Parameters(absl::Span<const SqlValue> values) {
    numbers_.reserve(values.size());
    texts_.reserve(values.size());
    for (const SqlValue& value : values) Add(value);
  }

  int size() const { return static_cast<int>(pointers_.size()); }
  const char* const* pointers() const { return pointers_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  using Number = std::array<char, sizeof(int64_t)>;

  void Add(const SqlValue& value) {
    formats_.push_back(1);
    if (value.null) return Point(nullptr, 0);
    if (value.type == SqlValue::Type::kNumber) return Point(BigEndian(value.number), 8);
    std::string repaired;
    if (value.type == SqlValue::Type::kText && RepairText(value.bytes, repaired)) {
      texts_.push_back(std::move(repaired));
      return Point(texts_.back().data(), texts_.back().size());
    }
    Point(value.bytes.data() ? value.bytes.data() : "", value.bytes.size());
  }
  void Point(const char* bytes, size_t size) {
    pointers_.push_back(bytes);
    lengths_.push_back(static_cast<int>(size));
  }
  const char* BigEndian(int64_t number) {
    Number& bytes = numbers_.emplace_back();
    auto rest = static_cast<uint64_t>(number);
    for (size_t i = bytes.size(); i-- > 0; rest >>= 8U) bytes[i] = static_cast<char>(rest & 0xFFU);
    return bytes.data();
  }

  std::vector<Number> numbers_;
  std::vector<std::string> texts_;
  std::vector<const char*> pointers_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

class PostgresRows final : public SqlRows {
 public:
  explicit PostgresRows(absl::StatusOr<PostgresResult> result) : result_(std::move(result)) {}

  absl::StatusOr<bool> Next() override {
    if (!result_.ok()) return result_.status();
    return ++row_ < PQntuples(result_->get());
  }
  int64_t Int(int column) const override { return PostgresNumber(result_->get(), row_, column); }
  bool IsNull(int column) const override { return PQgetisnull(result_->get(), row_, column) != 0; }
  std::string_view Bytes(int column) const override {
    return PostgresBytes(result_->get(), row_, column);
  }

 private:
  absl::StatusOr<PostgresResult> result_;
  int row_ = -1;
};

// libpq's own message would quote what it can't read, password and all.
absl::Status CheckUrl(const Secret& url) {
  PQconninfoOption* const options = PQconninfoParse(url.Reveal().c_str(), /*errmsg=*/nullptr);
  PQconninfoFree(options);
  if (options != nullptr) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "store.url is no PostgreSQL URL: write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with "
      "special characters of the password as %XX");
}

bool Is(std::string_view state, std::string_view prefix) { return state.starts_with(prefix); }

absl::Status StatusOfState(std::string_view state, const std::string& said) {
  // 08 connection, 40 serialization and deadlock, 55P03 lock timeout, 57 shutdown and timeouts,
  // 25006 a standby that takes no writes yet.
  if (state.empty() || Is(state, "08") || Is(state, "40") || Is(state, "57") || state == "55P03" ||
      state == "25006") {
    return WithReaction(absl::UnavailableError(said), Reaction::kRetry);
  }
  if (Is(state, "53")) {
    return absl::ResourceExhaustedError(
        absl::StrCat(said, "; give the server more of it, the work goes on by itself"));
  }
  if (Is(state, "23")) return absl::AlreadyExistsError(said);
  if (Is(state, "28") || Is(state, "3D") || state == "42501") {
    return absl::FailedPreconditionError(absl::StrCat(
        said, "; store.url must name a database whose schema its user may create tables in"));
  }
  if (Is(state, "XX00")) return absl::DataLossError(said);
  return absl::InternalError(said);
}

}  // namespace

int64_t PostgresNumber(const PGresult* result, int row, int column) {
  const std::string_view bytes = PostgresBytes(result, row, column);
  if (bytes.empty() || bytes.size() > sizeof(int64_t)) return 0;
  // The sign is that of the first byte; a truth value is one byte without one.
  uint64_t number = (static_cast<unsigned char>(bytes[0]) & 0x80U) != 0 ? ~uint64_t{0} : 0;
  for (const char byte : bytes) number = (number << 8U) | static_cast<unsigned char>(byte);
  return static_cast<int64_t>(number);
}

std::string_view PostgresBytes(const PGresult* result, int row, int column) {
  return {PQgetvalue(result, row, column), static_cast<size_t>(PQgetlength(result, row, column))};
}

PostgresHandle::PostgresHandle(Secret url) : url_(std::move(url)), name_("PostgreSQL") {}

PostgresHandle::~PostgresHandle() { PQfinish(session_); }

absl::Status PostgresHandle::Connect() {
  if (connected()) return absl::OkStatus();
  PQfinish(session_);
  session_ = nullptr;
  statements_.clear();
  CONNECTOR_RETURN_IF_ERROR(CheckUrl(url_));
  // What the URL says comes first; these are defaults where it says nothing.
  const std::array<const char*, 8> names = {"connect_timeout",
                                            "keepalives_idle",
                                            "tcp_user_timeout",
                                            "fallback_application_name",
                                            "client_encoding",
                                            "dbname",
                                            nullptr,
                                            nullptr};
  const std::array<const char*, 8> values = {
      "5", "10", "20000", "pipedrive-connector", "UTF8", url_.Reveal().c_str(), nullptr, nullptr};
  session_ = PQconnectdbParams(names.data(), values.data(), /*expand_dbname=*/1);
  if (session_ == nullptr) return absl::ResourceExhaustedError("no memory for a database session");
  if (PQhost(session_) != nullptr) name_ = absl::StrCat(PQhost(session_), "/", PQdb(session_));
  if (PQstatus(session_) != CONNECTION_OK) {
    const std::string said(absl::StripSuffix(PQerrorMessage(session_), "\n"));
    return WithReaction(absl::UnavailableError(absl::StrCat("database ", name_, ": ", said)),
                        Reaction::kRetry);
  }
  return Configure();
}

absl::Status PostgresHandle::Configure() {
  const char* const encoding = PQparameterStatus(session_, "server_encoding");
  if (encoding == nullptr || std::string_view(encoding) != "UTF8") {
    return absl::FailedPreconditionError(absl::StrCat(
        "database ", name_, " is not in UTF-8; make one: createdb -E UTF8 -T template0"));
  }
  return Script(kSessionSettings);
}

bool PostgresHandle::in_transaction() const {
  return connected() && PQtransactionStatus(session_) != PQTRANS_IDLE;
}

absl::Status PostgresHandle::StatusOf(const PGresult* result) const {
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return absl::OkStatus();
  const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  // The primary message alone: the detail may quote what was to be stored.
  const char* const message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return StatusOfState(
      state ? state : "",
      absl::StrCat("database ", name_, ": ", message ? message : "the session was lost"));
}

absl::Status PostgresHandle::Script(const std::string& sql) {
  const PostgresResult result(PQexec(session_, sql.c_str()));
  return StatusOf(result.get());
}

absl::StatusOr<PostgresResult> PostgresHandle::Rows(const std::string& sql) {
  PostgresResult result(PQexecParams(session_, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr,
                                     /*resultFormat=*/1));
  CONNECTOR_RETURN_IF_ERROR(StatusOf(result.get()));
  return result;
}

absl::StatusOr<const std::string*> PostgresHandle::Prepare(Sql sql, Values values) {
  const auto known = statements_.find(sql.text);
  if (known != statements_.end()) return &known->second;
  std::vector<Oid> types;
  types.reserve(values.size());
  for (const SqlValue& value : values) types.push_back(TypeOf(value));
  std::string name = absl::StrCat("s", statements_.size());
  const PostgresResult prepared(PQprepare(session_, name.c_str(), ToPostgres(sql.text).c_str(),
                                          static_cast<int>(types.size()), types.data()));
  CONNECTOR_RETURN_IF_ERROR(StatusOf(prepared.get()));
  return &statements_.emplace(sql.text, std::move(name)).first->second;
}

absl::StatusOr<PostgresResult> PostgresHandle::Execute(Sql sql, Values values) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::string* const statement, Prepare(sql, values));
  const Parameters parameters(values);
  PostgresResult result(PQexecPrepared(session_, statement->c_str(), parameters.size(),
                                       parameters.pointers(), parameters.lengths(),
                                       parameters.formats(), /*resultFormat=*/1));
  CONNECTOR_RETURN_IF_ERROR(StatusOf(result.get()));
  const std::string_view affected = PQcmdTuples(result.get());
  changes_ = 0;
  for (const char digit : affected) changes_ = changes_ * 10 + (digit - '0');
  return result;
}

std::unique_ptr<SqlRows> PostgresHandle::Ask(Sql sql, Values values) {
  return std::make_unique<PostgresRows>(Execute(sql, values));
}

absl::Status PostgresHandle::Run(Sql sql, Values values) { return Execute(sql, values).status(); }

}  // namespace connector::store
