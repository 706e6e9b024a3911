// Failures on demand: rules that spoil matching exchanges (POST /sandbox/faults).
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "clock.h"
#include "http_message.h"
#include "random.h"

namespace sandbox {

struct FaultRule {
  std::string api, method, path_prefix;  // empty matches anything
  std::string kind;
  int64_t count = 1;  // negative: for ever
  int64_t skip = 0;   // matching exchanges to let pass first
  double probability = 1;
  double delay_s = 0;
};

class Faults {
 public:
  explicit Faults(uint64_t seed) : random_(seed) {}

  // A list of rules or {"rules": [...]} or one rule. An error text, "" if all were taken.
  std::string Add(const nlohmann::json& body);
  void Clear() { rules_.clear(); }
  nlohmann::json List() const;

  // The rule that strikes this exchange, if any; it is used up by one.
  std::optional<FaultRule> Strike(const std::string& api, const Request& request);

 private:
  std::vector<FaultRule> rules_;
  Random random_;
};

// Kinds that answer instead of the API, before anything is done.
std::optional<Reply> ReplyInstead(const FaultRule& rule, bool brevo);
// Kinds that let the API do its work and then spoil its answer.
void SpoilReply(const FaultRule& rule, Reply& reply);

Reply EdgeBlockPage();  // the HTML 403 of Pipedrive's edge

}  // namespace sandbox
