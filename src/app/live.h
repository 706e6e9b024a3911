#pragma once

// What works on one connection all the time, without a run.

#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "metrics/webhook_metrics.h"
#include "sync/accounts.h"
#include "sync/brevo_ingest.h"
#include "sync/event_dispatch.h"
#include "sync/pipedrive_ingest.h"
#include "sync/planning_cache.h"
#include "worker/inbox_pool.h"
#include "worker/live_converger.h"
#include "worker/outbox_pump.h"

namespace connector::app {

class Live {
 public:
  // `owner` is unique to this process. All outlive it.
  Live(const sync::Accounts& accounts, const std::string& owner, int workers, Random& random,
       metrics::WebhookMetrics& metrics);

  void Start();
  // Ends the work under way; what is left undone is kept.
  void Stop();

  // An event was stored. Any thread.
  void OnEventStored() { inbox_.Wake(); }
  // Pipedrive's company, 0 as long as it is not known. Any thread.
  int64_t company_id() const { return plannings_.company_id(); }

 private:
  sync::PlanningCache plannings_;
  worker::OutboxPump outbox_;
  worker::LiveConverger converger_;
  sync::PipedriveIngest from_pipedrive_;
  sync::BrevoIngest from_brevo_;
  sync::EventDispatch ingest_;
  worker::InboxPool inbox_;
};

}  // namespace connector::app
