#pragma once

// What every store::Store must do, as one suite for all implementations. A new implementation is
// one more backend in store_contract.cc; each *_contract_test.cc then runs on it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/store.h"

namespace connector::store {

// A place where a store lives.
class StoreBackend {
 public:
  virtual ~StoreBackend() = default;
  // Opens a store on it; where persistent(), a second one sees what the first one wrote.
  virtual absl::StatusOr<std::unique_ptr<Store>> Open(const Clock& clock) = 0;
  virtual bool persistent() const = 0;
};

struct BackendFactory {
  std::string name;
  std::unique_ptr<StoreBackend> (*make)();
};

// Keeps the address of `make` out of the tests' names.
inline void PrintTo(const BackendFactory& factory, std::ostream* out) { *out << factory.name; }

std::vector<BackendFactory> AllBackends();
// Those that are persistent.
std::vector<BackendFactory> PersistentBackends();
inline std::string BackendName(const testing::TestParamInfo<BackendFactory>& info) {
  return info.param.name;
}

// Runs a suite on all of them.
#define CONNECTOR_ON_ALL_STORES(Suite)                                                        \
  INSTANTIATE_TEST_SUITE_P(Stores, Suite, testing::ValuesIn(connector::store::AllBackends()), \
                           connector::store::BackendName)

// Runs a suite of what outlives a store's object, or is seen by two.
#define CONNECTOR_ON_PERSISTENT_STORES(Suite)                                         \
  INSTANTIATE_TEST_SUITE_P(Stores, Suite,                                             \
                           testing::ValuesIn(connector::store::PersistentBackends()), \
                           connector::store::BackendName)

inline constexpr char kConnection[] = "main";
inline constexpr Duration kMinute = std::chrono::minutes(1);

#define ASSERT_OK(expression)                                               \
  do {                                                                      \
    const auto& ok_result = (expression);                                   \
    ASSERT_TRUE(ok_result.ok()) << connector::store::StatusText(ok_result); \
  } while (false)
#define EXPECT_CODE(expression, expected) \
  EXPECT_EQ(connector::store::CodeOf(expression), absl::StatusCode::expected)

inline std::string StatusText(const absl::Status& status) { return status.ToString(); }
inline absl::StatusCode CodeOf(const absl::Status& status) { return status.code(); }
template <typename T>
std::string StatusText(const absl::StatusOr<T>& result) {
  return result.status().ToString();
}
template <typename T>
absl::StatusCode CodeOf(const absl::StatusOr<T>& result) {
  return result.status().code();
}

Run MakeRun(std::string id, RunKind kind = RunKind::kPersons, bool dry_run = false);
PersonRow MakePerson(int64_t id, std::string email, int64_t updated = 1);
Contact MakeContact(int64_t id, std::string email);
// Takes over what is seen; a first sight sets no base.
ContactState TakeSeen(const std::optional<ContactState>& known, const Contact& seen);
Failure MakeFailure(std::string entity_id, std::string run_id = "");

class StoreContract : public testing::TestWithParam<BackendFactory> {
 protected:
  void SetUp() override;

  // Drops the store without finishing anything and opens it again; only where persistent.
  void Reopen();

  // Submits a run and leases it.
  RunLease Start(const std::string& id, RunKind kind = RunKind::kPersons, bool dry_run = false);
  void Finish(const RunLease& lease, RunState state = RunState::kSucceeded);
  FoldCounts FoldPersons(const RunLease& lease, const std::vector<PersonRow>& page,
                         bool mark_all = false);
  void FoldContacts(const RunLease& lease, const std::vector<Contact>& page);
  // Leases everything that is due for a run, or with "" what is free.
  std::vector<ContactBundle> LeaseDirty(const std::string& run_id, int limit = 500);
  absl::Status Settle(const ContactBundle& bundle);
  ContactState ByEmail(const std::string& email);
  int64_t KeyOf(const std::string& email) { return ByEmail(email).key; }

  ManualClock clock_;
  std::unique_ptr<StoreBackend> backend_;
  std::unique_ptr<Store> store_;
};

std::vector<std::string> EmailsOf(const std::vector<ContactBundle>& bundles);

}  // namespace connector::store
