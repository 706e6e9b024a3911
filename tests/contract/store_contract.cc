#include "contract/store_contract.h"

#include <filesystem>

#include "base/status.h"
#include "base/strings.h"
#include "store/sql_store.h"
#include "support/postgres_server.h"

namespace connector::store {
namespace {

class SqliteFileBackend final : public StoreBackend {
 public:
  SqliteFileBackend() {
    std::string path = (std::filesystem::temp_directory_path() / "store-contract-XXXXXX").string();
    if (::mkdtemp(path.data()) != nullptr) directory_ = path;
  }
  ~SqliteFileBackend() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  absl::StatusOr<std::unique_ptr<Store>> Open(const Clock& clock) override {
    return MakeSqliteStore(
        {.path = (directory_ / "connector.db").string(), .token_keys = {Secret("a key of tests")}},
        clock);
  }
  bool persistent() const override { return true; }

 private:
  std::filesystem::path directory_;
};

class SqliteMemoryBackend final : public StoreBackend {
 public:
  absl::StatusOr<std::unique_ptr<Store>> Open(const Clock& clock) override {
    return MakeSqliteStore({.path = ":memory:", .token_keys = {Secret("a key of tests")}}, clock);
  }
  bool persistent() const override { return false; }
};

class PostgresBackend final : public StoreBackend {
 public:
  absl::StatusOr<std::unique_ptr<Store>> Open(const Clock& clock) override {
    if (!url_) {
      CONNECTOR_ASSIGN_OR_RETURN(testing::PostgresServer* const server,
                                 testing::PostgresServer::Shared());
      CONNECTOR_ASSIGN_OR_RETURN(url_, server->NewSchema());
    }
    return MakePostgresStore({.url = *url_, .token_keys = {Secret("a key of tests")}}, clock);
  }
  bool persistent() const override { return true; }

 private:
  std::optional<Secret> url_;
};

template <typename Backend>
std::unique_ptr<StoreBackend> Make() {
  return std::make_unique<Backend>();
}

}  // namespace

std::vector<BackendFactory> PersistentBackends() {
  return {{"SqliteFile", Make<SqliteFileBackend>}, {"Postgres", Make<PostgresBackend>}};
}

std::vector<BackendFactory> AllBackends() {
  std::vector<BackendFactory> all = PersistentBackends();
  all.push_back({"SqliteMemory", Make<SqliteMemoryBackend>});
  return all;
}

Run MakeRun(std::string id, RunKind kind, bool dry_run) {
  Run run;
  run.id = std::move(id);
  run.connection = kConnection;
  run.kind = kind;
  run.options.dry_run = dry_run;
  run.created_at = Time(kMinute);
  return run;
}

PersonRow MakePerson(int64_t id, std::string email, int64_t updated) {
  PersonRow row;
  row.person.id = id;
  row.person.name = "Person " + std::to_string(id);
  if (!email.empty()) row.person.emails = {{email, "work", true}};
  row.person.update_time = Time(std::chrono::seconds(updated));
  row.email = AsciiLower(email);
  row.ext_id = "pd-1-" + std::to_string(id);
  return row;
}

Contact MakeContact(int64_t id, std::string email) {
  Contact contact;
  contact.id = id;
  contact.email = std::move(email);
  return contact;
}

ContactState TakeSeen(const std::optional<ContactState>& known, const Contact& seen) {
  ContactState state = known.value_or(ContactState{});
  state.brevo_id = seen.id;
  state.existence = Existence::kPresent;
  state.email = seen.email;
  if (!seen.ext_id.empty()) state.ext_id = seen.ext_id;
  state.lists = seen.list_ids;
  state.brevo_modified_at = seen.modified_at;
  for (const auto& [name, value] : seen.attributes) {
    FieldState& field = EnsureField(state, name);
    field.seen = value;
    if (field.unconfirmed == value) {
      field.base = value;
      field.unconfirmed.reset();
    }
  }
  return state;
}

Failure MakeFailure(std::string entity_id, std::string run_id) {
  Failure failure;
  failure.run_id = std::move(run_id);
  failure.entity = "person";
  failure.entity_id = std::move(entity_id);
  failure.reason = FailureReason::kInvalidPhone;
  failure.field = "SMS";
  failure.detail = "not a number";
  failure.created_at = Time(kMinute);
  return failure;
}

std::vector<std::string> EmailsOf(const std::vector<ContactBundle>& bundles) {
  std::vector<std::string> emails;
  for (const ContactBundle& bundle : bundles) emails.push_back(bundle.state.email);
  return emails;
}

void StoreContract::SetUp() {
  backend_ = GetParam().make();
  auto opened = backend_->Open(clock_);
  ASSERT_OK(opened);
  store_ = *std::move(opened);
}

void StoreContract::Reopen() {
  store_.reset();
  auto opened = backend_->Open(clock_);
  ASSERT_OK(opened);
  store_ = *std::move(opened);
}

RunLease StoreContract::Start(const std::string& id, RunKind kind, bool dry_run) {
  const auto submitted = store_->SubmitRun(MakeRun(id, kind, dry_run));
  EXPECT_TRUE(submitted.ok()) << submitted.status();
  const auto leased = store_->LeaseRun("worker", clock_.Now(), kMinute);
  EXPECT_TRUE(leased.ok()) << leased.status();
  EXPECT_TRUE(leased.ok() && leased->has_value() && (*leased)->id == id);
  return {kConnection, id, "worker"};
}

void StoreContract::Finish(const RunLease& lease, RunState state) {
  ASSERT_OK(store_->FinishRun({lease, {}}, state, "", clock_.Now()));
}

FoldCounts StoreContract::FoldPersons(const RunLease& lease, const std::vector<PersonRow>& page,
                                      bool mark_all) {
  const auto counts =
      store_->FinishPersonsPage({lease, {}}, {"next", false}, page, Existence::kAbsent, mark_all);
  EXPECT_TRUE(counts.ok()) << counts.status();
  return counts.value_or(FoldCounts{});
}

void StoreContract::FoldContacts(const RunLease& lease, const std::vector<Contact>& page) {
  ASSERT_OK(store_->FinishContactsPage({lease, {}}, {"1000", false}, page, TakeSeen));
}

std::vector<ContactBundle> StoreContract::LeaseDirty(const std::string& run_id, int limit) {
  auto bundles =
      store_->LeaseContacts(kConnection, {.run_id = run_id, .after_key = 0, .limit = limit},
                            "worker", clock_.Now(), kMinute);
  EXPECT_TRUE(bundles.ok()) << bundles.status();
  return bundles.ok() ? *std::move(bundles) : std::vector<ContactBundle>{};
}

absl::Status StoreContract::Settle(const ContactBundle& bundle) {
  Settlement settlement;
  settlement.state = bundle.state;
  settlement.version = bundle.version;
  return store_->SettleContacts(kConnection, {settlement}, {}, nullptr);
}

ContactState StoreContract::ByEmail(const std::string& email) {
  const auto found = store_->FindContact(kConnection, {Identifier::Kind::kEmail, email});
  EXPECT_TRUE(found.ok()) << found.status();
  return found.ok() && *found ? **found : ContactState{};
}

}  // namespace connector::store
