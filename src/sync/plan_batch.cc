#include "sync/plan_batch.h"

#include <algorithm>
#include <utility>

#include "base/status.h"

namespace connector::sync {

absl::StatusOr<std::vector<PlannedContact>> PlanBatch(const Accounts& accounts,
                                                      const Planning& planning, store::Store& store,
                                                      std::vector<store::ContactBundle> bundles) {
  std::vector<MappedContact> mapped;
  std::vector<store::Claim> claims;
  mapped.reserve(bundles.size());
  for (const store::ContactBundle& bundle : bundles) {
    mapped.push_back(MapContact(planning, bundle, accounts.phones));
    for (const Identifier& identifier : mapped.back().identifiers) {
      claims.push_back({bundle.state.key, identifier});
    }
  }
  CONNECTOR_ASSIGN_OR_RETURN(const std::vector<bool> granted,
                             store.ClaimIdentifiers(accounts.settings.connection, claims));
  std::vector<PlannedContact> planned;
  planned.reserve(bundles.size());
  auto next = granted.begin();
  for (size_t i = 0; i < bundles.size(); ++i) {
    const auto count = static_cast<std::ptrdiff_t>(mapped[i].identifiers.size());
    const std::vector<bool> own(next, next + count);
    next += count;
    PlannedContact contact;
    contact.plan = PlanContact(planning, bundles[i], mapped[i], own);
    if (!contact.plan.pipedrive_fields.empty()) {
      PlanPersonWrite(planning, bundles[i].persons.front(), accounts.phones, contact.plan);
    }
    for (size_t j = 0; j < own.size(); ++j) {
      if (own[j]) contact.claimed.push_back(std::move(mapped[i].identifiers[j]));
    }
    contact.bundle = std::move(bundles[i]);
    planned.push_back(std::move(contact));
  }
  return planned;
}

absl::Status Replan(const Accounts& accounts, const Planning& planning, store::Store& store,
                    PlannedContact& contact) {
  store::ContactBundle bundle = contact.bundle;
  bundle.state = contact.plan.state;
  std::vector<store::ContactBundle> one;
  one.push_back(std::move(bundle));
  CONNECTOR_ASSIGN_OR_RETURN(auto planned, PlanBatch(accounts, planning, store, std::move(one)));
  contact.claimed.insert(contact.claimed.end(), planned.front().claimed.begin(),
                         planned.front().claimed.end());
  contact.plan = std::move(planned.front().plan);
  return absl::OkStatus();
}

std::vector<Identifier> Unused(const std::vector<Identifier>& claimed, const ContactState& state) {
  const std::vector<Identifier> owned = OwnedIdentifiers(state);
  std::vector<Identifier> unused;
  for (const Identifier& identifier : claimed) {
    if (std::find(owned.begin(), owned.end(), identifier) == owned.end()) {
      unused.push_back(identifier);
    }
  }
  return unused;
}

}  // namespace connector::sync
