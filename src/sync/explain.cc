#include "sync/explain.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "sync/walk_contacts.h"
#include "sync/walk_parts.h"
#include "sync/walk_persons.h"

namespace connector::sync {
namespace {

// The newest of a contact's open failures that are shown.
constexpr int kFailuresShown = 20;

bool Contains(const std::vector<int64_t>& ids, int64_t id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

std::string TextOf(const std::optional<Value>& value) { return value ? ToText(*value) : ""; }

class Explainer {
 public:
  Explainer(const Accounts& accounts, const Planning& planning)
      : accounts_(accounts), planning_(planning) {}

  absl::StatusOr<Explanation> Tell(FoundContact found, const http::CallContext* refresh) {
    found_ = std::move(found);
    if (refresh != nullptr) {
      CONNECTOR_RETURN_IF_ERROR(ReadPersons(*refresh));
      CONNECTOR_RETURN_IF_ERROR(ReadContact(*refresh));
    }
    CONNECTOR_RETURN_IF_ERROR(AddTimes());
    if (found_.bundle.state.key == 0) {
      TellUnbound();
    } else {
      CONNECTOR_RETURN_IF_ERROR(TellContact());
    }
    CONNECTOR_RETURN_IF_ERROR(AddPending());
    return std::move(told_);
  }

 private:
  const std::string& connection() const { return accounts_.settings.connection; }
  store::ContactBundle& bundle() { return found_.bundle; }

  // The persons as Pipedrive has them now; a changed set of them changes the plan, so that deals
  // and organization stay those that are stored.
  absl::Status ReadPersons(const http::CallContext& context) {
    pipedrive::PersonsQuery query;
    query.selection = PersonSelection(planning_);
    for (const Person& person : bundle().persons) query.ids.push_back(person.id);
    if (query.ids.empty() && found_.person) query.ids.push_back(found_.person->person.id);
    if (query.ids.empty()) return absl::OkStatus();
    if (query.ids.size() > kIdsPerCall) query.ids.resize(kIdsPerCall);
    CONNECTOR_ASSIGN_OR_RETURN(auto page, accounts_.pipedrive.ListPersons(query, "", context));
    told_.pipedrive_seen_at = page.server_time.value_or(accounts_.clock.Now());
    for (size_t i = bundle().persons.size(); i-- > 0;) {
      Person& person = bundle().persons[i];
      const auto now = std::find_if(page.records.begin(), page.records.end(),
                                    [&](const Person& one) { return one.id == person.id; });
      if (now != page.records.end() && !now->is_deleted) {
        person = *now;
        continue;
      }
      told_.notes.push_back(absl::StrCat("person ", person.id, " is gone from Pipedrive"));
      bundle().persons.erase(bundle().persons.begin() + static_cast<std::ptrdiff_t>(i));
      if (bundle().deals_known) {
        bundle().deals.erase(bundle().deals.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    if (found_.person && bundle().state.key == 0 && !page.records.empty()) {
      found_.person->person = page.records.front();
    }
    return absl::OkStatus();
  }

  absl::Status ReadContact(const http::CallContext& context) {
    ContactState& state = bundle().state;
    brevo::ContactId id;
    if (state.brevo_id != 0) {
      id = {brevo::ContactId::Type::kBrevoId, absl::StrCat(state.brevo_id)};
    } else if (!state.email.empty()) {
      id = {brevo::ContactId::Type::kEmail, state.email};
    } else if (!state.ext_id.empty()) {
      id = {brevo::ContactId::Type::kExtId, state.ext_id};
    } else {
      return absl::OkStatus();
    }
    const absl::StatusOr<Contact> seen = accounts_.brevo.GetContact(id, context);
    if (!seen.ok() && !absl::IsNotFound(seen.status())) return seen.status();
    told_.brevo_seen_at = accounts_.clock.Now();
    if (seen.ok()) {
      state = FoldContact(planning_, state, *seen, nullptr);
    } else if (state.existence == Existence::kPresent) {
      told_.notes.emplace_back("Brevo does not have the contact any more");
      state.existence = Existence::kAbsent;
    }
    return absl::OkStatus();
  }

  // Without a look of its own: when the last whole look of a run was.
  absl::Status AddTimes() {
    const auto read = [&](std::string_view name, std::optional<Time>& time) -> absl::Status {
      if (time) return absl::OkStatus();
      CONNECTOR_ASSIGN_OR_RETURN(const std::string text,
                                 accounts_.store.GetWatermark(connection(), name));
      time = ParseTime(text);
      return absl::OkStatus();
    };
    CONNECTOR_RETURN_IF_ERROR(read(kPersonsSince, told_.pipedrive_seen_at));
    return read(kContactsRead, told_.brevo_seen_at);
  }

  // A person whose binding was never made: the next sync leaves it alone.
  void TellUnbound() {
    const Person& person = found_.person->person;
    told_.person_ids = {person.id};
    SkipReason reason = SkipReason::kDeleted;
    std::string why = "the person is deleted";
    if (!person.is_deleted) {
      const mapping::EmailChoice choice = mapping::ChooseEmail(person);
      told_.email = choice.email;
      reason = choice.has_any ? SkipReason::kInvalidEmail : SkipReason::kNoEmail;
      why = choice.has_any ? "none of its e-mail addresses is valid" : "it has no e-mail address";
      if (!choice.email.empty()) {
        told_.notes.emplace_back("the person has an e-mail now; the next sync makes its contact");
        return;
      }
    }
    told_.next = sync::DescribeSkip(person.id, told_.email, reason, std::move(why));
  }

  absl::Status TellContact() {
    MappedContact mapped;
    CONNECTOR_ASSIGN_OR_RETURN(const ContactPlan plan,
                               PreviewPlan(accounts_, planning_, bundle(), &mapped));
    const ContactState& state = bundle().state;
    told_.state = state;
    told_.email = plan.email;
    for (const Person& person : bundle().persons) told_.person_ids.push_back(person.id);
    if (bundle().persons.empty()) {
      told_.notes.emplace_back("no person is bound to it: it is left as it is");
    } else if (bundle().persons.size() > 1) {
      told_.notes.push_back(absl::StrCat(bundle().persons.size(), " persons share it; person ",
                                         plan.person_id, " gives the fields"));
    }
    AddAddress(plan, mapped);
    for (size_t i = 0; i < planning_.map.fields.size(); ++i) AddField(plan, mapped, i);
    AddLists(plan);
    if (plan.action != PlanAction::kNothing || !plan.pipedrive_fields.empty()) {
      told_.next = sync::Describe(plan, RoadOf(planning_, plan));
    }
    return absl::OkStatus();
  }

  std::string SourceOf(std::string_view attribute) const {
    for (const mapping::FieldRule& rule : accounts_.settings.person_mapping) {
      if (absl::EqualsIgnoreCase(rule.attribute, ToAbsl(attribute))) return rule.source;
    }
    return "";
  }

  void AddAddress(const ContactPlan& plan, const MappedContact& mapped) {
    FieldStory story = Remembered("EMAIL");
    story.field = "email";
    story.pipedrive = mapped.email.email;
    const FieldState* known = FindField(bundle().state, "EMAIL");
    // Where no field was folded yet, the address is what Brevo is known by.
    if (known == nullptr && bundle().state.existence == Existence::kPresent) {
      story.brevo = bundle().state.email;
    }
    story.verdict =
        Verdict(plan, story,
                mapped.email.email.empty() ? std::optional<Value>() : Value{mapped.email.email},
                [](const Value& a, const Value& b) { return a == b; });
    told_.fields.push_back(std::move(story));
  }

  void AddField(const ContactPlan& plan, const MappedContact& mapped, size_t index) {
    const mapping::ResolvedField& field = planning_.map.fields[index];
    FieldStory story = Remembered(field.attribute.name);
    story.field = SourceOf(field.attribute.name);
    if (bundle().persons.empty()) {
      story.verdict = "nobody is bound";
    } else {
      const mapping::MappedValue& value = mapped.values[index];
      story.pipedrive = ToText(value.value);
      story.verdict = value.known ? Verdict(plan, story, value.Wanted(), planning_.same[index])
                                  : "Pipedrive's value is not known yet";
    }
    told_.fields.push_back(std::move(story));
  }

  FieldStory Remembered(std::string_view attribute) const {
    FieldStory story;
    story.attribute = attribute;
    const FieldState* known = FindField(found_.bundle.state, attribute);
    if (known == nullptr) return story;
    story.brevo = ToText(known->seen);
    story.base = TextOf(known->base);
    story.unconfirmed = known->unconfirmed.has_value();
    story.refused = known->refused.has_value();
    return story;
  }

  // What the plan came to, in words.
  std::string Verdict(const ContactPlan& plan, const FieldStory& story,
                      const std::optional<Value>& wanted, const reconcile::Same& same) const {
    for (const PlannedField& field : plan.fields) {
      if (field.attribute == story.attribute) {
        return absl::StrCat("is written to Brevo: ",
                            ToAbsl(reconcile::MergeReasonName(field.reason)));
      }
    }
    for (const PlannedField& field : plan.pipedrive_fields) {
      if (field.attribute == story.attribute) {
        return absl::StrCat("is written to Pipedrive: ",
                            ToAbsl(reconcile::MergeReasonName(field.reason)));
      }
    }
    for (const FieldLoss& loss : plan.losses) {
      if (loss.attribute == story.attribute) {
        return absl::StrCat("left out, ", ToAbsl(FailureReasonName(loss.reason)), ": ",
                            loss.detail);
      }
    }
    if (plan.action == PlanAction::kSkip) return "the contact is not written";
    const FieldState* known = FindField(found_.bundle.state, story.attribute);
    if (known != nullptr && known->unconfirmed) return "written already, not seen yet";
    if (known != nullptr && known->refused) {
      return "Brevo did not take the value; it is sent again when it changes in Pipedrive";
    }
    if (!wanted) return "Pipedrive has nothing to say about it";
    const Value seen = known != nullptr ? known->seen : Value{};
    return same(*wanted, seen) ? "both sides agree" : "stays as it is in Brevo";
  }

  void AddLists(const ContactPlan& plan) {
    const ContactState& state = bundle().state;
    std::set<int64_t> ids(state.lists.begin(), state.lists.end());
    ids.insert(state.lists_left.begin(), state.lists_left.end());
    if (planning_.all_contacts_list != 0) ids.insert(planning_.all_contacts_list);
    for (const int64_t list : reconcile::AllLists(planning_.deal_lists)) ids.insert(list);
    if (planning_.qualified_leads_list != 0) ids.insert(planning_.qualified_leads_list);
    for (const int64_t id : ids) {
      ListStory story{.list_id = id};
      for (const BrevoList& list : planning_.schema.lists) {
        if (list.id == id) story.name = list.name;
      }
      std::copy_if(plan.wanted_lists.begin(), plan.wanted_lists.end(),
                   std::back_inserter(story.reasons),
                   [id](const reconcile::ListReason& reason) { return reason.list_id == id; });
      story.wanted = !story.reasons.empty();
      story.member = Contains(state.lists, id);
      story.ours = Contains(state.lists_put, id);
      story.withheld = Contains(state.lists_left, id);
      told_.lists.push_back(std::move(story));
    }
    if (planning_.map.deals_from_table && !bundle().deals_known) {
      told_.notes.emplace_back(
          "the deals have not been read yet: lists that depend on them stay as they are");
    }
  }

  absl::Status AddPending() {
    std::vector<int64_t> persons = told_.person_ids;
    if (found_.person) persons.push_back(found_.person->person.id);
    std::sort(persons.begin(), persons.end());
    persons.erase(std::unique(persons.begin(), persons.end()), persons.end());
    CONNECTOR_ASSIGN_OR_RETURN(
        told_.pending, accounts_.store.PendingWorkOf(connection(), bundle().state.key, persons));
    std::vector<std::string> records;
    for (const int64_t id : persons) records.push_back(absl::StrCat(id));
    for (const std::string& email : {bundle().state.email, told_.email}) {
      if (!email.empty()) records.push_back(email);
    }
    CONNECTOR_ASSIGN_OR_RETURN(told_.failures,
                               accounts_.store.FailuresOf(connection(), records, kFailuresShown));
    return absl::OkStatus();
  }

  const Accounts& accounts_;
  const Planning& planning_;
  FoundContact found_;
  Explanation told_;
};

}  // namespace

absl::StatusOr<Planning> StoredPlanning(const Accounts& accounts) {
  CONNECTOR_ASSIGN_OR_RETURN(auto stored, accounts.store.GetSchema(accounts.settings.connection));
  if (!stored) {
    return absl::FailedPreconditionError(
        "nothing has been read from the accounts yet: run sync persons, then ask again");
  }
  return MakePlanning(accounts.settings, std::move(stored->schema));
}

absl::StatusOr<ContactPlan> PreviewPlan(const Accounts& accounts, const Planning& planning,
                                        const store::ContactBundle& bundle, MappedContact* mapped) {
  MappedContact made = MapContact(planning, bundle, accounts.phones);
  std::vector<store::Claim> claims;
  for (const Identifier& identifier : made.identifiers) {
    claims.push_back({bundle.state.key, identifier});
  }
  CONNECTOR_ASSIGN_OR_RETURN(const std::vector<bool> granted,
                             accounts.store.MayClaim(accounts.settings.connection, claims));
  ContactPlan plan = PlanContact(planning, bundle, made, granted);
  if (mapped != nullptr) *mapped = std::move(made);
  return plan;
}

absl::StatusOr<Explanation> Explain(const Accounts& accounts, const ContactKey& key,
                                    const http::CallContext* refresh) {
  CONNECTOR_ASSIGN_OR_RETURN(const Planning planning, StoredPlanning(accounts));
  CONNECTOR_ASSIGN_OR_RETURN(FoundContact found, FindContact(accounts, key));
  return Explainer(accounts, planning).Tell(std::move(found), refresh);
}

}  // namespace connector::sync
