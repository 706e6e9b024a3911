#pragma once

// What plans are made with: the mapping resolved against the schemas of both accounts.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "mapping/deal_totals.h"
#include "mapping/field_map.h"
#include "model/contact.h"
#include "model/contact_state.h"
#include "model/schema.h"
#include "reconcile/lists.h"
#include "reconcile/merge.h"
#include "sync/accounts.h"
#include "sync/plan_consent.h"

namespace connector::sync {

// Immutable once made; any thread.
struct Planning {
  AccountSchema schema;
  mapping::ResolvedMap map;
  std::vector<reconcile::Same> same;  // one for each field of the map
  mapping::Direction email_direction = mapping::Direction::kBoth;
  mapping::ConflictPolicy email_conflict = mapping::ConflictPolicy::kPipedriveWins;
  int64_t all_contacts_list = 0;
  bool contacts_without_email = false;
  reconcile::DealLists deal_lists;       // those that exist in Brevo
  std::vector<int64_t> undecided_lists;  // where deals aren't known, nobody leaves these; sorted
  bool leads_from_table = false;
  int64_t qualified_leads_list = 0;  // if it exists in Brevo
  int64_t undecided_lead_list = 0;   // where leads aren't known, nobody leaves this
  mapping::CurrencyRates currency_rates;
  OnDelete on_delete = OnDelete::kKeep;  // of the last person of a contact
  ConsentCarriers consent;
  bool wants_marketing_status = false;       // persons are read with it, where the account has it
  std::vector<int64_t> create_persons_from;  // lists whose contacts become persons; sorted
  // Changes whenever plans may come out differently for unchanged records.
  std::string fingerprint;
  // What is wrong with the mapping or the lists and does not stop a run.
  std::vector<std::string> warnings;

  std::string ExtIdOf(int64_t person_id) const;
};

Planning MakePlanning(const Settings& settings, AccountSchema schema);

// Where the schemas come from.
enum class Schema {
  kStored,  // the store, while they are young enough
  kFresh,   // both accounts, unless they were read within the last minutes
};

// Reads both schemas and makes the planning. Errors name the account that refused.
absl::StatusOr<Planning> LoadPlanning(const Accounts& accounts, store::Store& store,
                                      const http::CallContext& pipedrive,
                                      const http::CallContext& brevo, Schema schema);

// Folds a contact as Brevo shows it into what is known of it (pure). Refusals are appended. A look
// that began, by our clock, before the end of a write need not show what was written: it then says
// nothing of that, unless it shows it.
ContactState FoldContact(const Planning& planning, const std::optional<ContactState>& known,
                         const Contact& seen, std::vector<reconcile::Refusal>* refusals,
                         std::optional<Time> read_at = std::nullopt);

}  // namespace connector::sync
