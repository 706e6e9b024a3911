#include "sync/delete_policy.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/sorted_ids.h"
#include "base/status.h"
#include "sync/walk_parts.h"

namespace connector::sync {
namespace {

brevo::ContactId IdOf(const ContactState& state) {
  if (state.brevo_id != 0) {
    return {brevo::ContactId::Type::kBrevoId, absl::StrCat(state.brevo_id)};
  }
  if (state.email.empty()) return {brevo::ContactId::Type::kExtId, state.ext_id};
  return {brevo::ContactId::Type::kEmail, state.email};
}

// Persons that Pipedrive has after all.
absl::StatusOr<std::vector<Person>> ReadLiving(const Accounts& accounts, const Planning& planning,
                                               const std::vector<int64_t>& ids,
                                               const http::CallContext& context) {
  std::vector<Person> living;
  pipedrive::PersonsQuery query;
  query.selection = PersonSelection(planning);
  const absl::Status done = ReadByHundreds(ids, [&](std::vector<int64_t> some) -> absl::Status {
    query.ids = std::move(some);
    CONNECTOR_ASSIGN_OR_RETURN(auto page, accounts.pipedrive.ListPersons(query, "", context));
    // What can't be read is there.
    if (!page.malformed.empty()) {
      return WithReaction(absl::UnavailableError(absl::StrCat("person ", page.malformed.front().id,
                                                              " could not be read again")),
                          Reaction::kRetry);
    }
    std::copy_if(page.records.begin(), page.records.end(), std::back_inserter(living),
                 [](const Person& person) { return !person.is_deleted; });
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  return living;
}

}  // namespace

void PlanRemoval(const Planning& planning, const store::ContactBundle& bundle, ContactPlan& plan) {
  if (bundle.gone_persons.empty() || planning.on_delete == OnDelete::kKeep) return;
  const ContactState& state = bundle.state;
  plan.person_id = bundle.gone_persons.front();
  const bool blocked = state.email_blacklisted || state.sms_blacklisted;
  if (planning.on_delete == OnDelete::kDelete && !blocked) {
    plan.binding = store::Binding::kForget;
    if (state.existence != Existence::kAbsent) plan.action = PlanAction::kDelete;
    return;
  }
  plan.binding = store::Binding::kUnbind;
  if (state.existence != Existence::kPresent) return;
  plan.write.leave_lists = Intersection(state.lists, state.lists_put);
  if (!plan.write.leave_lists.empty()) plan.action = PlanAction::kUpdate;
}

absl::StatusOr<Removal> RemoveContact(const Accounts& accounts, const Planning& planning,
                                      const store::ContactBundle& bundle,
                                      const http::CallContext& context) {
  http::CallContext pipedrive = context;
  pipedrive.counter = nullptr;  // which counts Brevo's calls
  CONNECTOR_ASSIGN_OR_RETURN(std::vector<Person> living,
                             ReadLiving(accounts, planning, bundle.gone_persons, pipedrive));
  if (!living.empty()) {
    store::IngestBatch batch;
    for (Person& person : living) {
      batch.persons.push_back(MakePersonRow(planning, std::move(person)));
    }
    CONNECTOR_RETURN_IF_ERROR(
        accounts.store.FinishIngest(accounts.settings.connection, "", batch).status());
    return Removal::kWithdrawn;
  }
  const absl::Status deleted = accounts.brevo.DeleteContact(IdOf(bundle.state), context);
  if (deleted.ok() || absl::IsNotFound(deleted)) return Removal::kRemoved;
  return deleted;
}

}  // namespace connector::sync
