#include "sync/plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "reconcile/lists.h"
#include "sync/delete_policy.h"

namespace connector::sync {
namespace {

constexpr std::string_view kEmail = "EMAIL";
constexpr std::string_view kExtId = "EXT_ID";

bool SameText(const Value& a, const Value& b) { return IsEmpty(a) ? IsEmpty(b) : a == b; }

reconcile::Flow FlowOf(mapping::Direction direction) {
  switch (direction) {
    case mapping::Direction::kToBrevo:
      return reconcile::Flow::kToBrevo;
    case mapping::Direction::kToPipedrive:
      return reconcile::Flow::kToPipedrive;
    case mapping::Direction::kBoth:
      break;
  }
  return reconcile::Flow::kBoth;
}

reconcile::Winner WinnerOf(mapping::ConflictPolicy policy) {
  switch (policy) {
    case mapping::ConflictPolicy::kBrevoWins:
      return reconcile::Winner::kBrevo;
    case mapping::ConflictPolicy::kLatestWins:
      return reconcile::Winner::kLatest;
    case mapping::ConflictPolicy::kPipedriveWins:
      break;
  }
  return reconcile::Winner::kPipedrive;
}

bool WasRefused(const ContactState& state, std::string_view attribute, const Value& value) {
  const FieldState* field = FindField(state, attribute);
  return field != nullptr && field->refused && SameText(*field->refused, value);
}

// Builds one contact's plan; lives for one call of PlanContact.
class Planner {
 public:
  Planner(const Planning& planning, const store::ContactBundle& bundle, const MappedContact& mapped,
          const std::vector<bool>& granted)
      : planning_(planning), bundle_(bundle), mapped_(mapped), granted_(granted) {
    plan_.state = bundle.state;
    plan_.email = bundle.state.email;
    present_ = bundle.state.existence == Existence::kPresent;
  }

  ContactPlan Make() && {
    if (bundle_.persons.empty()) {
      PlanRemoval(planning_, bundle_, plan_);
      return std::move(plan_);
    }
    plan_.person_id = bundle_.persons.front().id;
    if (!present_ && !PlanCreation()) return std::move(plan_);
    if (present_) PlanAddress();
    for (size_t i = 0; i < planning_.map.fields.size(); ++i) PlanField(i);
    PlanLists();
    PlanConsent(planning_, bundle_, plan_);
    if (present_ && plan_.write.empty() && !WasMadeFromContact()) return std::move(plan_);
    PlanExtId();
    if (present_ && plan_.write.empty()) return std::move(plan_);
    plan_.action = present_ ? PlanAction::kUpdate : PlanAction::kCreate;
    return std::move(plan_);
  }

 private:
  bool MaySend(Identifier::Kind kind) const {
    for (size_t i = 0; i < mapped_.identifiers.size(); ++i) {
      if (mapped_.identifiers[i].kind == kind) return granted_[i];
    }
    return true;
  }

  void Skip(SkipReason reason) {
    plan_.action = PlanAction::kSkip;
    plan_.skip = reason;
  }

  // False if the contact cannot be created.
  bool PlanCreation() {
    const std::string& email = mapped_.email.email;
    if (email.empty() || WasRefused(plan_.state, kEmail, email)) {
      if (planning_.contacts_without_email) return PlanCreationWithoutEmail();
      if (!email.empty()) plan_.email = email;
      Skip(mapped_.email.has_any ? SkipReason::kInvalidEmail : SkipReason::kNoEmail);
      return false;
    }
    plan_.email = email;
    if (!MaySend(Identifier::Kind::kEmail)) {
      plan_.losses.push_back({std::string(kEmail), FailureReason::kIdentifierConflict,
                              "another contact has this address"});
      Skip(SkipReason::kDuplicateEmail);
      return false;
    }
    plan_.write.email = email;
    return true;
  }

  // EXT_ID is then all that the contact can be found by, so there is none without it.
  bool PlanCreationWithoutEmail() {
    if (mapped_.email.has_any) {
      plan_.losses.push_back({std::string(kEmail), FailureReason::kInvalidValue,
                              "none of its addresses is valid; it is known by its EXT_ID alone"});
    }
    // An address it had before went with the contact.
    plan_.email.clear();
    plan_.state.email.clear();
    if (FieldState* address = FindField(plan_.state, kEmail)) {
      *address = {.attribute = address->attribute, .refused = address->refused};
    }
    if (WasRefused(plan_.state, kExtId, planning_.ExtIdOf(plan_.person_id)) ||
        !MaySend(Identifier::Kind::kExtId)) {
      plan_.losses.push_back({std::string(kExtId), FailureReason::kDuplicateExtId,
                              "another contact has it, and there is no e-mail"});
      Skip(mapped_.email.has_any ? SkipReason::kInvalidEmail : SkipReason::kNoEmail);
      return false;
    }
    return true;
  }

  // An address is never cleared, on neither side; one that only Brevo has flows to Pipedrive.
  void PlanAddress() {
    const std::string& email = mapped_.email.email;
    if (email.empty() && mapped_.email.has_any) return;
    reconcile::MergeInput input;
    input.known = FindField(plan_.state, kEmail);
    input.wanted = email;
    input.flow = FlowOf(planning_.email_direction);
    input.winner = WinnerOf(planning_.email_conflict);
    SetTimes(input);
    const reconcile::MergeDecision decision = reconcile::Merge(input, SameText);
    if (decision.write != reconcile::MergeDecision::Write::kNothing && IsEmpty(decision.value)) {
      return;
    }
    if (decision.write == reconcile::MergeDecision::Write::kBrevo &&
        !MaySend(Identifier::Kind::kEmail)) {
      plan_.losses.push_back({std::string(kEmail), FailureReason::kIdentifierConflict,
                              "another contact has the new address; merge the two in Brevo"});
      return;
    }
    Take(kEmail, email, decision, input, SameText);
    if (decision.write == reconcile::MergeDecision::Write::kBrevo) {
      plan_.write.email = email;
      // Brevo takes a new address for a new subscription: whether the old one is blocked is asked
      // right before, and the block goes with it in the same call.
      plan_.write.keep_email_block = plan_.state.email_blacklisted;
      plan_.look_first = true;
      plan_.email = email;
    }
  }

  // When either record changed last: the nearest to when a field did that both vendors tell.
  void SetTimes(reconcile::MergeInput& input) const {
    input.pipedrive_changed = bundle_.persons.front().update_time;
    input.brevo_changed = plan_.state.brevo_modified_at;
  }

  void PlanField(size_t index) {
    const mapping::ResolvedField& field = planning_.map.fields[index];
    const mapping::MappedValue& mapped = mapped_.values[index];
    const std::string& attribute = field.attribute.name;
    reconcile::MergeInput input;
    input.known = FindField(plan_.state, attribute);
    input.flow = FlowOf(field.direction);
    input.winner = WinnerOf(field.on_conflict);
    SetTimes(input);
    if (mapped.loss) plan_.losses.push_back({attribute, *mapped.loss, mapped.loss_detail});
    input.wanted = mapped.Wanted();
    const auto kind = IdentifierKindOf(attribute);
    if (kind && input.wanted && !IsEmpty(*input.wanted) && !MaySend(*kind)) {
      plan_.losses.push_back({attribute, FailureReason::kDuplicatePhone,
                              "another contact has this number; Brevo allows it only once"});
      input.wanted.reset();
    }
    if (kind == Identifier::Kind::kSms && input.wanted && IsEmpty(*input.wanted) &&
        MayNotClearSms(input)) {
      plan_.losses.push_back({attribute, FailureReason::kInvalidPhone,
                              "Brevo clears a number only of a contact with an e-mail"});
      input.wanted.reset();
    }
    const reconcile::MergeDecision decision = reconcile::Merge(input, planning_.same[index]);
    if (input.wanted) {
      Take(attribute, *input.wanted, decision, input, planning_.same[index]);
    }
    if (decision.write == reconcile::MergeDecision::Write::kBrevo) {
      plan_.write.attributes.emplace_back(attribute, decision.value);
    }
  }

  // Brevo refuses to unset SMS of a contact without an e-mail.
  bool MayNotClearSms(const reconcile::MergeInput& input) const {
    const bool has_number = input.known != nullptr &&
                            (!IsEmpty(input.known->seen) || input.known->unconfirmed.has_value());
    return present_ && plan_.state.email.empty() && has_number;
  }

  // Books a decision about one field into the plan.
  void Take(std::string_view attribute, const Value& wanted,
            const reconcile::MergeDecision& decision, const reconcile::MergeInput& input,
            const reconcile::Same& same) {
    const FieldState* known = FindField(plan_.state, attribute);
    const Value before = known == nullptr     ? Value{}
                         : known->unconfirmed ? *known->unconfirmed
                                              : known->seen;
    switch (decision.write) {
      case reconcile::MergeDecision::Write::kNothing:
        if (decision.reason == reconcile::MergeReason::kEqual && known != nullptr) {
          reconcile::Agree(EnsureField(plan_.state, attribute), wanted, same);
        }
        return;
      case reconcile::MergeDecision::Write::kBrevo:
        plan_.fields.push_back({std::string(attribute), before, decision.value, decision.reason});
        // Where Pipedrive wins in any case, looking would change nothing.
        plan_.look_first |= known != nullptr && known->unconfirmed &&
                            input.flow == reconcile::Flow::kBoth &&
                            input.winner != reconcile::Winner::kPipedrive;
        return;
      case reconcile::MergeDecision::Write::kPipedrive:
        // What was known of a contact that is gone is no edit.
        if (!present_) return;
        plan_.pipedrive_fields.push_back(
            {std::string(attribute), wanted, decision.value, decision.reason});
        return;
    }
  }

  void PlanLists() {
    std::vector<reconcile::ListReason>& wanted = plan_.wanted_lists;
    if (planning_.all_contacts_list != 0) {
      wanted.push_back({planning_.all_contacts_list, "every contact is on it", "all_contacts"});
    }
    const bool decided = planning_.map.deals_from_table && bundle_.deals_known;
    if (decided) {
      DealFacts deals;
      for (const DealFacts& of_person : bundle_.deals) AddFacts(deals, of_person);
      for (reconcile::ListReason& reason : reconcile::DealReasons(planning_.deal_lists, deals)) {
        wanted.push_back(std::move(reason));
      }
    }
    std::vector<int64_t> undecided = decided ? std::vector<int64_t>{} : planning_.undecided_lists;
    AddLeadReasons(wanted, undecided);
    reconcile::ListDecision decision = reconcile::DecideLists(plan_.state, wanted, undecided);
    plan_.write.join_lists = std::move(decision.join);
    plan_.write.leave_lists = std::move(decision.leave);
    plan_.withheld_lists = std::move(decision.respected);
  }

  void AddLeadReasons(std::vector<reconcile::ListReason>& wanted,
                      std::vector<int64_t>& undecided) const {
    if (planning_.leads_from_table && bundle_.leads_known) {
      for (auto& reason : reconcile::LeadReasons(planning_.qualified_leads_list, bundle_.leads)) {
        wanted.push_back(std::move(reason));
      }
    } else if (planning_.undecided_lead_list != 0) {
      undecided.push_back(planning_.undecided_lead_list);
      std::sort(undecided.begin(), undecided.end());
    }
  }

  // Its person may have been made of it, and is to be found again by it: worth a call.
  bool WasMadeFromContact() const {
    const std::vector<int64_t>& from = planning_.create_persons_from;
    return std::any_of(plan_.state.lists.begin(), plan_.state.lists.end(), [&](int64_t list) {
      return std::binary_search(from.begin(), from.end(), list);
    });
  }

  // Rides along with a write that is made anyway; otherwise it is worth no call of its own.
  void PlanExtId() {
    const bool is_known = present_ && !plan_.state.ext_id.empty();
    // A contact that is made again gets back the one it had.
    const std::string ext_id =
        plan_.state.ext_id.empty() ? planning_.ExtIdOf(plan_.person_id) : plan_.state.ext_id;
    if (is_known || WasRefused(plan_.state, kExtId, ext_id)) return;
    if (MaySend(Identifier::Kind::kExtId)) plan_.write.ext_id = ext_id;
  }

  const Planning& planning_;
  const store::ContactBundle& bundle_;
  const MappedContact& mapped_;
  const std::vector<bool>& granted_;
  bool present_ = false;
  ContactPlan plan_;
};

bool ClearsSomething(const ContactWrite& write) {
  return std::any_of(write.attributes.begin(), write.attributes.end(),
                     [](const auto& entry) { return IsEmpty(entry.second); });
}

bool Contains(const std::vector<int64_t>& lists, int64_t list) {
  return std::find(lists.begin(), lists.end(), list) != lists.end();
}

}  // namespace

ContactPlan PlanContact(const Planning& planning, const store::ContactBundle& bundle,
                        const MappedContact& mapped, const std::vector<bool>& granted) {
  return Planner(planning, bundle, mapped, granted).Make();
}

void RecordWrite(ContactState& state, const ContactWrite& write) {
  reconcile::ApplyWrite(state, write);
  if (write.email.empty()) return;
  // An import names the address of every row, changed or not.
  FieldState& address = EnsureField(state, kEmail);
  const std::string identity = AsciiLower(write.email);
  if (!SameText(address.seen, identity)) address.unconfirmed = identity;
}

void RecordRefusal(ContactState& state, std::string_view attribute, Value value) {
  FieldState& field = EnsureField(state, attribute);
  field.refused = std::move(value);
  field.unconfirmed.reset();
}

Road RoadOf(const Planning& planning, const ContactPlan& plan) {
  if (plan.action == PlanAction::kDelete) return Road::kSingle;
  if (plan.action != PlanAction::kCreate && plan.action != PlanAction::kUpdate) return Road::kNone;
  const ContactState& state = plan.state;
  const int64_t list = planning.all_contacts_list;
  const bool in_list =
      list != 0 && (Contains(state.lists, list) || Contains(plan.write.join_lists, list));
  const bool changes_address = plan.action == PlanAction::kUpdate && !plan.write.email.empty();
  const bool blocked = state.email_blacklisted || state.sms_blacklisted;
  // An import writes over what is there; a create finds it.
  const bool unseen = state.existence == Existence::kUnknown;
  // Rows of an import are told apart by their address.
  if (plan.email.empty() || !in_list || changes_address || blocked || plan.write.block_email ||
      unseen || plan.look_first || !plan.write.leave_lists.empty() || ClearsSomething(plan.write)) {
    return Road::kSingle;
  }
  return Road::kImport;
}

std::vector<ListRow> ImportRowsOf(const Planning& planning, const ContactPlan& plan) {
  std::vector<ListRow> rows;
  const int64_t home = planning.all_contacts_list;
  ContactWrite attributes = plan.write;
  attributes.email = plan.email;
  attributes.join_lists.clear();
  if (Contains(plan.write.join_lists, home)) attributes.join_lists.push_back(home);
  if (!attributes.attributes.empty() || attributes.ext_id || !attributes.join_lists.empty()) {
    rows.push_back({home, std::move(attributes)});
  }
  for (const int64_t list : plan.write.join_lists) {
    if (list == home) continue;
    ContactWrite membership;
    membership.email = plan.email;
    membership.join_lists = {list};
    rows.push_back({list, std::move(membership)});
  }
  if (!rows.empty()) {
    rows.front().counts = plan.action == PlanAction::kCreate ? store::ImportRow::Counts::kCreated
                                                             : store::ImportRow::Counts::kUpdated;
  }
  return rows;
}

}  // namespace connector::sync
