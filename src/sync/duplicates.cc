#include "sync/duplicates.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "mapping/person_mapper.h"

namespace connector::sync {
namespace {

std::set<std::string> AddressesOf(const Person& person) {
  std::set<std::string> addresses;
  for (const ContactPoint& email : person.emails) addresses.insert(AsciiLower(email.value));
  return addresses;
}

// Persons of one contact by their addresses; a contact outlives a change of one's address.
std::vector<DuplicateGroup> GroupsOf(const std::vector<Person>& persons) {
  std::map<std::string, std::vector<int64_t>> by_email;
  for (const Person& person : persons) {
    const std::string email = mapping::ChooseEmail(person).email;
    if (!email.empty()) by_email[email].push_back(person.id);
  }
  std::vector<DuplicateGroup> groups;
  for (auto& [email, ids] : by_email) {
    if (ids.size() > 1) groups.push_back({email, std::move(ids)});
  }
  return groups;
}

absl::StatusOr<Person> Known(const Accounts& accounts, int64_t id) {
  CONNECTOR_ASSIGN_OR_RETURN(const auto found,
                             accounts.store.FindPerson(accounts.settings.connection, id));
  if (found && !found->person.is_deleted) return found->person;
  return absl::NotFoundError(
      absl::StrCat("person ", id, " is not known here, or is deleted; run sync persons"));
}

absl::Status CheckShares(const Accounts& accounts, const Person& keep, int64_t other) {
  if (other == keep.id) {
    return absl::InvalidArgumentError("merge_person_ids: names the person that is to stay");
  }
  CONNECTOR_ASSIGN_OR_RETURN(const Person person, Known(accounts, other));
  const std::set<std::string> ours = AddressesOf(keep);
  const std::set<std::string> theirs = AddressesOf(person);
  const bool shares = std::any_of(theirs.begin(), theirs.end(), [&](const std::string& address) {
    return ours.count(address) > 0;
  });
  if (shares) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "merge_person_ids: person ", other, " shares no e-mail address with person ", keep.id));
}

}  // namespace

absl::StatusOr<DuplicatesPage> ListDuplicates(const Accounts& accounts, int64_t after_key,
                                              int page_size) {
  const std::string& connection = accounts.settings.connection;
  DuplicatesPage page;
  CONNECTOR_ASSIGN_OR_RETURN(const std::vector<int64_t> keys,
                             accounts.store.SharedContactsAfter(connection, after_key, page_size));
  for (const int64_t key : keys) {
    CONNECTOR_ASSIGN_OR_RETURN(const auto bundle, accounts.store.BundleOfContact(connection, key));
    if (!bundle) continue;
    for (DuplicateGroup& group : GroupsOf(bundle->persons)) page.groups.push_back(std::move(group));
  }
  if (static_cast<int>(keys.size()) == page_size) page.last_key = keys.back();
  return page;
}

absl::StatusOr<MergeOutcome> MergeDuplicates(const Accounts& accounts, int64_t keep,
                                             const std::vector<int64_t>& others,
                                             const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(const Person kept, Known(accounts, keep));
  for (const int64_t other : others) {
    CONNECTOR_RETURN_IF_ERROR(CheckShares(accounts, kept, other));
  }
  MergeOutcome outcome;
  for (const int64_t other : others) {
    const absl::Status merged = accounts.person_writes.MergePersons(other, keep, context).status();
    if (!merged.ok()) {
      const Reaction reaction = ReactionOf(merged);
      if (reaction != Reaction::kFailRecord && reaction != Reaction::kGone) {
        if (outcome.merged.empty()) return merged;
      }
      outcome.failures.push_back({.entity = "person",
                                  .entity_id = absl::StrCat(other),
                                  .reason = reaction == Reaction::kGone
                                                ? FailureReason::kNotFound
                                                : FailureReason::kRejectedByPipedrive,
                                  .detail = std::string(ToStd(merged.message())),
                                  .created_at = accounts.clock.Now()});
      continue;
    }
    store::IngestBatch batch;
    batch.merges.push_back({.from = other, .to = keep});
    CONNECTOR_RETURN_IF_ERROR(
        accounts.store.FinishIngest(accounts.settings.connection, "", batch).status());
    outcome.merged.push_back(other);
  }
  return outcome;
}

}  // namespace connector::sync
