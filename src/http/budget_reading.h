#pragma once

#include <string>

#include "base/clock.h"
#include "metrics/quota_metrics.h"
#include "quota/budget.h"

namespace connector::http {

std::string_view ApiName(quota::Api api);  // "pipedrive", "brevo": label of metrics and logs

// A budget as the metrics show it.
metrics::BudgetReading ReadBudget(quota::Api api, std::string connection, quota::Budget& budget,
                                  Time now);

}  // namespace connector::http
