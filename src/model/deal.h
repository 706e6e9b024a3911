#pragma once

// A Pipedrive deal, and the pipelines and stages it moves through.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "model/person.h"

namespace connector {

enum class DealStatus { kOpen, kWon, kLost, kDeleted };
std::string_view DealStatusName(DealStatus status);
// nullopt for a word this version does not know.
std::optional<DealStatus> ParseDealStatus(std::string_view name);

// Reduced to what the connector uses. Everything may be missing.
struct Deal {
  int64_t id = 0;
  std::string title;
  std::optional<double> value;  // as Pipedrive says it, in whole units of `currency`
  std::string currency;         // ISO 4217; may be empty
  DealStatus status = DealStatus::kOpen;
  std::optional<int64_t> person_id;
  std::optional<int64_t> org_id;
  std::optional<int64_t> owner_id;
  std::optional<int64_t> pipeline_id;
  std::optional<int64_t> stage_id;
  std::optional<double> probability;  // percent
  std::string lost_reason;
  bool is_archived = false;
  std::optional<Time> add_time;
  std::optional<Time> update_time;
  std::optional<Time> stage_change_time;
  std::optional<Time> won_time;
  std::optional<Time> lost_time;
  std::optional<Time> close_time;
  std::string expected_close_date;                                 // "2026-11-24"; may be empty
  std::string source_lead_id;                                      // UUID; may be empty
  std::vector<std::pair<std::string, CustomValue>> custom_fields;  // as in Person

  bool is_deleted() const { return status == DealStatus::kDeleted; }
  bool operator==(const Deal&) const = default;
};

struct Stage {
  int64_t id = 0;
  std::string name;
  int64_t pipeline_id = 0;
  int64_t order = 0;
  std::optional<double> probability;  // percent
  bool operator==(const Stage&) const = default;
};

struct Pipeline {
  int64_t id = 0;
  std::string name;
  int64_t order = 0;
  bool operator==(const Pipeline&) const = default;
};

}  // namespace connector
