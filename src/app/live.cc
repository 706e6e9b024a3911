#include "app/live.h"

#include "absl/strings/str_cat.h"

namespace connector::app {

Live::Live(const sync::Accounts& accounts, const std::string& owner, int workers, Random& random,
           metrics::WebhookMetrics& metrics)
    : plannings_(accounts),
      outbox_(accounts, absl::StrCat(owner, "/outbox")),
      converger_({.owner = absl::StrCat(owner, "/live"),
                  .prompt_threads = workers,
                  .on_written = [this] { outbox_.Wake(); }},
                 accounts, plannings_),
      from_pipedrive_(accounts, plannings_),
      from_brevo_(accounts, plannings_),
      ingest_(from_pipedrive_, from_brevo_),
      inbox_({.connection = accounts.settings.connection,
              .owner = owner,
              .on_commit =
                  [this] {
                    converger_.Wake();
                    outbox_.Wake();
                  }},
             accounts.store, ingest_, accounts.clock, random, accounts.log, metrics) {}

void Live::Start() {
  outbox_.Start();
  converger_.Start();
  inbox_.Start();
}

void Live::Stop() {
  inbox_.Stop();
  converger_.Stop();
  outbox_.Stop();
}

}  // namespace connector::app
