#include "sync/person_creation.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "mapping/attribute_value.h"
#include "mapping/person_mapper.h"
#include "mapping/person_patch.h"
#include "model/search.h"
#include "sync/append_all.h"
#include "sync/walk_parts.h"

namespace connector::sync {
namespace {

constexpr std::string_view kLane = "contact/";
// Of contacts that only have a number (facts/brevo: identity model).
constexpr std::string_view kSynthetic = "@mailin-sms.com";
// Each round leaves out one field that was refused.
constexpr int kMaxRounds = 5;
// Of persons changed since somebody asked before, minutes ago as a rule.
constexpr int kMaxPages = 20;
constexpr int kContactsAtOnce = 500;

bool HasAddress(const Person& person, const std::string& email) {
  return std::any_of(person.emails.begin(), person.emails.end(), [&](const ContactPoint& point) {
    return AsciiLower(Trim(point.value)) == email;
  });
}

// As the mapping would choose it from a person that had it: "" if it is no address.
std::string UsableAddress(const std::string& email) {
  Person person;
  person.emails.push_back({email, "", true});
  std::string usable = mapping::ChooseEmail(person).email;
  return usable.ends_with(kSynthetic) ? "" : usable;
}

const Value* ValueOf(const Contact& contact, std::string_view attribute) {
  for (const auto& [name, value] : contact.attributes) {
    if (name == attribute) return &value;
  }
  return nullptr;
}

bool Drop(PersonWrite& write, const std::string& field) {
  const PersonWrite before = write;
  if (field == "phone" || field == "phones") write.phones.reset();
  std::erase_if(write.custom_fields, [&](const auto& entry) { return entry.first == field; });
  return write != before;
}

Failure FailureOf(const std::string& email, FailureReason reason, std::string field,
                  std::string detail) {
  return {.entity = "contact",
          .entity_id = email,
          .reason = reason,
          .field = std::move(field),
          .detail = std::move(detail)};
}

store::InboxEntry EntryOf(const Accounts& accounts, const ContactState& state) {
  store::InboxEntry entry;
  entry.connection = accounts.settings.connection;
  entry.source = store::EventSource::kReread;
  entry.lane = LaneOf(state.email);
  entry.key = absl::StrCat(entry.lane, "/create/", state.brevo_id);
  entry.received_at = accounts.clock.Now();
  entry.bulk = true;
  entry.body = AsciiLower(state.email);
  return entry;
}

}  // namespace

bool IsOnCreatingList(const Planning& planning, const std::vector<int64_t>& lists) {
  return std::any_of(lists.begin(), lists.end(), [&](int64_t list) {
    return std::binary_search(planning.create_persons_from.begin(),
                              planning.create_persons_from.end(), list);
  });
}

std::string LaneOf(std::string_view email) {
  return absl::StrCat(ToAbsl(kLane), AsciiLower(email));
}

std::string AddressToCreateFrom(const store::InboxEntry& entry) {
  if (entry.source != store::EventSource::kReread || !entry.lane.starts_with(kLane)) return "";
  return entry.body;
}

absl::StatusOr<std::optional<Person>> PersonCreation::FindOrMake(
    const Contact& contact, std::optional<Time> attempted_since, std::vector<Failure>& failures) {
  const std::string email = UsableAddress(contact.email);
  if (email.empty() || !IsOnCreatingList(planning_, contact.list_ids)) return std::nullopt;
  CONNECTOR_ASSIGN_OR_RETURN(const auto erasure,
                             accounts_.store.FindErasure(accounts_.settings.connection, email));
  if (erasure) return std::nullopt;
  if (attempted_since) {
    // Pipedrive's search finds a new person only after a while; its list shows it at once.
    CONNECTOR_ASSIGN_OR_RETURN(auto made, FindAmongNew(email, *attempted_since - kOverlap));
    if (made) return made;
  }
  CONNECTOR_ASSIGN_OR_RETURN(auto found, Find(email));
  if (found) return found;
  return Make(contact, email, failures);
}

absl::StatusOr<std::optional<Person>> PersonCreation::Find(const std::string& email) {
  SearchQuery search;
  search.term = email;
  search.types = {SearchItemType::kPerson};
  search.fields = {"email"};
  search.exact_match = true;
  CONNECTOR_ASSIGN_OR_RETURN(const SearchPage found, accounts_.pipedrive.Search(search, context_));
  pipedrive::PersonsQuery query;
  query.selection = PersonSelection(planning_);
  for (const FoundItem& item : found.items) {
    int64_t id = 0;
    if (absl::SimpleAtoi(item.id, &id) && query.ids.size() < kIdsPerCall) query.ids.push_back(id);
  }
  if (query.ids.empty()) return std::nullopt;
  CONNECTOR_ASSIGN_OR_RETURN(auto page, accounts_.pipedrive.ListPersons(query, "", context_));
  for (Person& person : page.records) {
    if (!person.is_deleted && HasAddress(person, email)) return std::move(person);
  }
  return std::nullopt;
}

absl::StatusOr<std::optional<Person>> PersonCreation::FindAmongNew(const std::string& email,
                                                                   Time since) {
  pipedrive::PersonsQuery query;
  query.selection = PersonSelection(planning_);
  query.updated_since = since;
  std::string cursor;
  for (int pages = 0; pages < kMaxPages; ++pages) {
    CONNECTOR_ASSIGN_OR_RETURN(auto page, accounts_.pipedrive.ListPersons(query, cursor, context_));
    for (Person& person : page.records) {
      if (!person.is_deleted && HasAddress(person, email)) return std::move(person);
    }
    cursor = page.next_cursor;
    if (cursor.empty()) return std::nullopt;
  }
  // By now the search has it.
  return std::nullopt;
}

PersonWrite PersonCreation::WriteOf(const Contact& contact, const std::string& email,
                                    std::vector<Failure>& failures) {
  std::vector<mapping::PersonChange> changes;
  for (size_t i = 0; i < planning_.map.fields.size(); ++i) {
    const mapping::ResolvedField& field = planning_.map.fields[i];
    const Value* const value = ValueOf(contact, field.attribute.name);
    if (field.direction == mapping::Direction::kToBrevo || value == nullptr) continue;
    Value seen = mapping::NormalizeSeen(field.attribute, *value);
    if (!IsEmpty(seen)) changes.push_back({i, std::move(seen)});
  }
  mapping::PersonPatch patch =
      mapping::MakePersonPatch(planning_.map, {}, changes, email, accounts_.phones,
                               planning_.schema.account.default_currency);
  for (mapping::PersonLoss& loss : patch.losses) {
    failures.push_back(
        FailureOf(email, loss.reason, std::move(loss.attribute), std::move(loss.detail)));
  }
  const PersonWrite& write = patch.write;
  if (!write.name && !write.first_name && !write.last_name) patch.write.name = email;
  return std::move(patch.write);
}

absl::StatusOr<std::optional<Person>> PersonCreation::Make(const Contact& contact,
                                                           const std::string& email,
                                                           std::vector<Failure>& failures) {
  PersonWrite write = WriteOf(contact, email, failures);
  for (int round = 0; round < kMaxRounds; ++round) {
    absl::StatusOr<Person> made =
        accounts_.person_writes.CreatePerson(write, PersonSelection(planning_), context_);
    if (made.ok()) return *std::move(made);
    const Reaction reaction = ReactionOf(made.status());
    if (reaction != Reaction::kRepair && reaction != Reaction::kFailRecord &&
        reaction != Reaction::kConflict && reaction != Reaction::kNone) {
      return made.status();
    }
    const std::string field = FieldOf(made.status());
    const std::string detail(ToStd(made.status().message()));
    if (field.empty() || !Drop(write, field)) {
      failures.push_back(FailureOf(email, FailureReason::kRejectedByPipedrive, field, detail));
      return std::nullopt;
    }
    failures.push_back(FailureOf(email, FailureReason::kInvalidValue, field, detail));
  }
  return std::nullopt;
}

absl::StatusOr<int64_t> QueueCreations(const Accounts& accounts, const Planning& planning,
                                       RunSession& session) {
  if (planning.create_persons_from.empty()) return 0;
  int64_t found = 0;
  int64_t after = 0;
  while (true) {
    CONNECTOR_RETURN_IF_ERROR(session.CheckGoOn());
    CONNECTOR_ASSIGN_OR_RETURN(
        const std::vector<ContactState> states,
        session.work().ContactsWithoutPerson(session.connection(), after, kContactsAtOnce));
    if (states.empty()) return found;
    after = states.back().key;
    std::vector<store::InboxEntry> entries;
    for (const ContactState& state : states) {
      if (state.existence != Existence::kPresent || UsableAddress(state.email).empty() ||
          !IsOnCreatingList(planning, state.lists)) {
        continue;
      }
      ++found;
      if (!session.run().options.dry_run) entries.push_back(EntryOf(accounts, state));
    }
    CONNECTOR_RETURN_IF_ERROR(AppendAll(accounts.store, std::move(entries)));
  }
}

}  // namespace connector::sync
