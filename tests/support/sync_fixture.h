#pragma once

// Two accounts in memory, a store, and runs on them.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "metrics/registry.h"
#include "store/sql_store.h"
#include "support/fake_brevo.h"
#include "support/fake_person_writes.h"
#include "support/fake_pipedrive.h"
#include "sync/accounts.h"
#include "sync/deals_run.h"
#include "sync/persons_run.h"
#include "sync/planning.h"
#include "sync/run_session.h"

namespace connector::testing {

class SyncFixture : public ::testing::Test {
 protected:
  static constexpr int64_t kList = FakeBrevo::kList;
  static constexpr Duration kLease = std::chrono::seconds(60);

  SyncFixture() {
    settings.person_mapping = {Rule("first_name", "FIRSTNAME"), Rule("phone", "SMS"),
                               Rule("org_id.name", "COMPANY")};
    settings.all_contacts_list = kList;
    Open(":memory:");
  }

  static mapping::FieldRule Rule(std::string source, std::string attribute) {
    mapping::FieldRule rule;
    rule.source = std::move(source);
    rule.attribute = std::move(attribute);
    return rule;
  }

  void Open(const std::string& path) {
    store.reset();
    auto opened = store::MakeSqliteStore({path}, clock);
    ASSERT_TRUE(opened.ok()) << opened.status();
    store = *std::move(opened);
  }

  sync::Accounts MakeAccounts() {
    return {.settings = settings,
            .pipedrive = pipedrive,
            .person_writes = person_writes,
            .brevo = brevo,
            .store = *store,
            .clock = clock,
            .log = log,
            .metrics = metrics,
            .phones = phones};
  }

  sync::Planning MakePlanning() const {
    AccountSchema schema;
    schema.account = pipedrive.account;
    schema.person_fields = pipedrive.person_fields;
    schema.organization_fields = pipedrive.organization_fields;
    schema.attributes = brevo.attributes;
    schema.lists = brevo.lists;
    return sync::MakePlanning(settings, schema);
  }

  // A run in the hands of this test, submitted and leased.
  std::unique_ptr<sync::RunSession> StartRun(RunOptions options = {},
                                             RunKind kind = RunKind::kPersons) {
    connector::Run run;
    run.kind = kind;
    run.id = absl::StrCat("run", ++runs_);
    run.connection = settings.connection;
    run.options = std::move(options);
    run.created_at = clock.Now();
    EXPECT_TRUE(store->SubmitRun(run).ok());
    return TakeRun();
  }
  // The run that is due, as a runner takes it over.
  std::unique_ptr<sync::RunSession> TakeRun(std::stop_token stop = {}) {
    const std::string owner = absl::StrCat("runner", ++owners_);
    auto leased = store->LeaseRun(owner, clock.Now(), kLease);
    EXPECT_TRUE(leased.ok() && leased->has_value()) << leased.status();
    return std::make_unique<sync::RunSession>(**leased, owner, *store, std::move(stop));
  }
  void End(sync::RunSession& session, RunState state) {
    const absl::Status ended =
        state == RunState::kSucceeded
            ? store->SucceedRun(session.Update(), session.watermarks(), clock.Now())
            : store->FinishRun(session.Update(), state, "", clock.Now());
    EXPECT_TRUE(ended.ok()) << ended;
  }
  // A whole run; its progress at the end.
  RunProgress RunAll(RunOptions options = {}) {
    return RunWhole(std::move(options), RunKind::kPersons, sync::RunPersons);
  }
  RunProgress RunDeals(RunOptions options = {}) {
    return RunWhole(std::move(options), RunKind::kDeals, sync::RunDeals);
  }
  RunProgress RunWhole(RunOptions options, RunKind kind,
                       absl::Status (*run)(const sync::Accounts&, sync::RunSession&)) {
    const auto session = StartRun(std::move(options), kind);
    const sync::Accounts accounts = MakeAccounts();
    const absl::Status done = run(accounts, *session);
    EXPECT_TRUE(done.ok()) << done;
    End(*session, done.ok() ? RunState::kSucceeded : RunState::kFailed);
    last_run = session->run().id;
    return session->progress();
  }
  static RunOptions Full() {
    RunOptions options;
    options.mode = RunMode::kFull;
    return options;
  }

  std::vector<Failure> Failures(std::string_view run = "") {
    auto failures = store->ListFailures(settings.connection, run, 0, 1000);
    EXPECT_TRUE(failures.ok()) << failures.status();
    return failures.ok() ? *failures : std::vector<Failure>{};
  }
  void ForgetCalls() {
    pipedrive.calls.clear();
    brevo.calls.clear();
  }
  std::string FirstName(std::string_view email) {
    const Contact* contact = brevo.Find(email);
    return contact != nullptr ? ToText(FakeBrevo::Get(*contact, "FIRSTNAME")) : "(no contact)";
  }
  std::string Sms(std::string_view email) {
    const Contact* contact = brevo.Find(email);
    return contact != nullptr ? ToText(FakeBrevo::Get(*contact, "SMS")) : "(no contact)";
  }

  ManualClock clock;
  std::vector<std::string> log_lines;
  Logger log{clock, LogLevel::kWarning,
             [this](std::string_view line) { log_lines.emplace_back(line); }};
  metrics::Registry registry;
  metrics::SyncMetrics metrics{registry};
  mapping::PhoneNormalizer phones{"DE"};
  FakePipedrive pipedrive{clock};
  FakePersonWrites person_writes{pipedrive, clock};
  FakeBrevo brevo{clock};
  std::unique_ptr<store::Store> store;
  sync::Settings settings;
  std::string last_run;

 private:
  int runs_ = 0;
  int owners_ = 0;
};

}  // namespace connector::testing
