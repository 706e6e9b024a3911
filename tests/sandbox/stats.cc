#include "stats.h"

namespace sandbox {
namespace {

int64_t Sum(const std::map<std::string, int64_t>& counts) {
  int64_t total = 0;
  for (const auto& [name, n] : counts) total += n;
  return total;
}

}  // namespace

nlohmann::json Stats::ToJson() const {
  const int64_t violations = too_many_burst + too_many_search + too_many_daily +
                             too_many_brevo_second + too_many_brevo_hour + edge_blocks;
  return {
      {"pipedrive",
       {{"calls", pipedrive_calls},
        {"total", Sum(pipedrive_calls)},
        {"writes", pipedrive_writes},
        {"429_burst", too_many_burst},
        {"429_search", too_many_search},
        {"429_daily", too_many_daily},
        {"edge_blocks", edge_blocks}}},
      {"brevo",
       {{"calls", brevo_calls},
        {"total", Sum(brevo_calls)},
        {"writes", brevo_writes},
        {"429_second", too_many_brevo_second},
        {"429_hour", too_many_brevo_hour},
        {"import_rows", import_rows},
        {"import_rejected", import_rejected},
        {"import_max_body", import_max_body},
        {"unblocklisted_by_api", unblocklisted_by_api},
        {"resubscribed_by_api", resubscribed_by_api}}},
      {"statuses", statuses},
      {"rate_violations", violations},
      {"credential_violations", credential_violations},
      {"duplicates_created", duplicate_persons + duplicate_events},
      {"duplicate_persons", duplicate_persons},
      {"duplicate_events", duplicate_events},
      {"unauthorized", unauthorized},
      {"faults", faults},
      {"bytes_in", bytes_in},
      {"bytes_out", bytes_out},
      {"reports_served", reports_served},
      {"webhooks",
       {{"sent", webhooks_sent},
        {"failed", webhooks_failed},
        {"lost", webhooks_lost},
        {"doubled", webhooks_doubled},
        {"removed", webhooks_removed}}},
      {"connections",
       {{"opened", connections}, {"open", open_connections}, {"max_open", max_open_connections}}},
  };
}

void Stats::Reset() {
  const int64_t open = open_connections;
  *this = Stats();
  open_connections = open;
  max_open_connections = open;
}

}  // namespace sandbox
