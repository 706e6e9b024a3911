#pragma once

// Runs in a store in memory that no runner works on: a test moves them by hand.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "brevo/rest_client.h"
#include "mapping/phone.h"
#include "metrics/registry.h"
#include "pipedrive/person_client.h"
#include "pipedrive/records_client.h"
#include "pipedrive/v2_client.h"
#include "pipedrive/webhook_decoder.h"
#include "rpc/server.h"
#include "store/sql_store.h"
#include "support/fake_caller.h"
#include "support/fake_webhooks.h"
#include "sync/subscriptions.h"
#include "worker/connections.h"
#include "worker/failure_retries.h"
#include "worker/inquiries.h"
#include "worker/intake.h"
#include "worker/interactive_pool.h"
#include "worker/runs.h"
#include "worker/searches.h"
#include "worker/stages.h"

namespace connector::rpc {

class RunsFixture : public ::testing::Test {
 protected:
  static constexpr Duration kLease = std::chrono::hours(24);

  RunsFixture() {
    sync::Settings settings;
    settings.deals = true;
    connections.Add({.settings = std::move(settings),
                     .pipedrive = pipedrive_client,
                     .person_writes = *person_writes,
                     .brevo = brevo_client,
                     .store = *storage,
                     .clock = clock,
                     .log = log,
                     .metrics = sync_metrics,
                     .phones = phones});
    pool.Start();
  }

  std::string Submit(RunOptions options = {}) {
    const auto submitted = runs.Submit("", RunKind::kPersons, std::move(options));
    EXPECT_TRUE(submitted.ok()) << submitted.status();
    clock.Advance(std::chrono::seconds(1));  // so that runs have an order
    return submitted.ok() ? submitted->run.id : "";
  }

  // What a server works with, on the clock it is given.
  Server::Parts PartsOn(Clock& any_clock) {
    return {runs,          searches, stages, intake,    retries,
            subscriptions, records,  pool,   inquiries, any_clock};
  }

  // Takes the oldest queued run as a runner would.
  void Lease() {
    const auto leased = storage->LeaseRun("me", clock.Now(), kLease);
    EXPECT_TRUE(leased.ok() && leased->has_value());
  }

  store::RunUpdate Update(const std::string& id, RunProgress progress = {}) const {
    return {.lease = {.connection = "default", .run_id = id, .owner = "me"},
            .progress = std::move(progress)};
  }

  void SaveProgress(const std::string& id, const RunProgress& progress) {
    EXPECT_TRUE(storage->SaveProgress(Update(id, progress)).ok());
  }

  void Finish(const std::string& id, RunState state, const std::string& error = "") {
    EXPECT_TRUE(storage->FinishRun(Update(id), state, error, clock.Now()).ok());
  }

  // Changes of the persons 1 to `count`.
  void AppendPlan(const std::string& id, int count) {
    std::vector<PlannedChange> changes(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) changes[static_cast<size_t>(i)].person_id = i + 1;
    EXPECT_TRUE(storage->AppendPlan(Update(id).lease, changes).ok());
  }

  // Submits, takes and ends a run.
  std::string PastRun(RunState state) {
    const std::string id = Submit();
    Lease();
    Finish(id, state);
    return id;
  }

  static std::unique_ptr<store::Store> Open(const Clock& clock) {
    auto opened = store::MakeSqliteStore({":memory:"}, clock);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return opened.ok() ? *std::move(opened) : nullptr;
  }

  ManualClock clock;
  SeededRandom random{7};
  Logger log{clock, LogLevel::kError};
  metrics::Registry registry;
  metrics::SyncMetrics sync_metrics{registry};
  mapping::PhoneNormalizer phones{"DE"};
  testing::FakeCaller caller;
  pipedrive::V2Client pipedrive_client{{}, caller};
  std::unique_ptr<pipedrive::RecordsClient> records_client =
      pipedrive::MakeRecordsClient({}, caller);
  std::unique_ptr<pipedrive::PersonClient> person_writes = pipedrive::MakePersonClient({}, caller);
  brevo::RestClient brevo_client{{}, caller, caller};
  const std::unique_ptr<store::Store> storage = Open(clock);
  worker::Connections connections;
  worker::Runs runs{*storage, connections, clock, random};
  worker::InteractivePool pool{{.threads = 2}, clock};
  worker::Searches searches{connections, pool, clock};
  worker::Stages stages{connections, pool, random};
  worker::Inquiries inquiries{connections, pool, random};

  static std::map<std::string, worker::Intake::Source, std::less<>> Sources() {
    std::map<std::string, worker::Intake::Source, std::less<>> sources;
    sources["default"] = {
        .decode = [](std::string_view body) { return pipedrive::DecodeWebhook(body); },
        .objects = {SourceObject::kPerson, SourceObject::kDeal},
        .wake = nullptr};
    return sources;
  }
  SystemClock intake_clock;  // its waits take real time
  metrics::WebhookMetrics webhook_metrics{registry};
  worker::Intake intake{Sources(), *storage, intake_clock, webhook_metrics};
  worker::FailureRetries retries{*storage, intake};
  testing::FakeWebhooks webhooks;
  sync::Subscriptions subscriptions;
  sync::Records records{clock};
};

}  // namespace connector::rpc
