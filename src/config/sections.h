#pragma once

// The sections whose keys are the operator's own: person_mapping, deal_stage_mapping, webhooks,
// sync_options.deals.currency_rates; and those that are lists.

#include "config/document.h"

namespace connector::config {

// Lines without a policy of their own take `connection.persons.on_conflict`, so that is read first.
void ReadPersonMapping(const Entry& section, Context& context, Connection& connection);
void ReadStageMapping(const Entry& section, Context& context, Connection& connection);
void ReadWebhookRules(const Entry& section, Context& context, Connection& connection);
void ReadCurrencyRates(const Entry& section, Context& context, Connection& connection);
void ReadCreatePersonsFrom(const Entry& section, Context& context, Connection& connection);

}  // namespace connector::config
