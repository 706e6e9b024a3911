#include "sync/erase.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "sync/explain.h"

namespace connector::sync {
namespace {

using store::Erasure;
using store::ErasureOutcome;

// Between two looks whether others are done with the contact.
constexpr Duration kLookAgain = std::chrono::milliseconds(100);
// Unfinished erasures that one call of ResumeErasures takes up.
constexpr int kResumed = 50;
constexpr char kNobody[] = "Erased";

void AddUnique(std::vector<std::string>& texts, std::string text) {
  if (text.empty() || std::find(texts.begin(), texts.end(), text) != texts.end()) return;
  texts.push_back(std::move(text));
}

class Eraser {
 public:
  Eraser(const Accounts& accounts, const Planning& planning, const http::CallContext& call)
      : accounts_(accounts), planning_(planning), call_(call) {}

  absl::StatusOr<Erasure> Begin(const ContactKey& key, const std::string& audit_id) {
    CONNECTOR_ASSIGN_OR_RETURN(std::optional<Erasure> earlier, FindEarlier(key));
    if (earlier) return *std::move(earlier);
    Erasure erasure;
    erasure.id = audit_id;
    erasure.requested_at = accounts_.clock.Now();
    CONNECTOR_ASSIGN_OR_RETURN(erasure.target, Resolve(key));
    while (true) {
      const auto begun = accounts_.store.BeginErasure(connection(), erasure, accounts_.clock.Now());
      if (!absl::IsAborted(begun.status())) return begun;
      if (accounts_.clock.Now() >= call_.deadline ||
          !accounts_.clock.SleepFor(kLookAgain, call_.stop)) {
        return WithReaction(
            absl::UnavailableError("the contact is being written to Brevo; ask again"),
            Reaction::kRetry);
      }
    }
  }

  // Does what is pending. What fails for a passing reason stays so.
  absl::StatusOr<Erasure> GoOn(Erasure erasure) {
    if (erasure.pipedrive == ErasureOutcome::kPending) {
      CONNECTOR_ASSIGN_OR_RETURN(
          erasure, Note(std::move(erasure), InPipedrive(erasure.target), &Erasure::pipedrive));
    }
    if (erasure.brevo == ErasureOutcome::kPending) {
      CONNECTOR_ASSIGN_OR_RETURN(
          erasure, Note(std::move(erasure), InBrevo(erasure.target), &Erasure::brevo));
    }
    return erasure;
  }

 private:
  const std::string& connection() const { return accounts_.settings.connection; }

  absl::StatusOr<std::optional<Erasure>> FindEarlier(const ContactKey& key) {
    if (const auto* by = std::get_if<EmailKey>(&key)) {
      return accounts_.store.FindErasure(connection(), AsciiLower(by->email));
    }
    if (const auto* by = std::get_if<PersonKey>(&key)) {
      return accounts_.store.FindErasure(connection(), planning_.ExtIdOf(by->id));
    }
    return std::nullopt;
  }

  absl::StatusOr<store::ErasureTarget> Resolve(const ContactKey& key) {
    absl::StatusOr<FoundContact> found = FindContact(accounts_, key);
    if (!found.ok() && !absl::IsNotFound(found.status())) return found.status();
    store::ErasureTarget target;
    if (found.ok()) {
      const ContactState& state = found->bundle.state;
      target.contact_key = state.key;
      target.brevo_id = state.brevo_id;
      AddUnique(target.emails, AsciiLower(state.email));
      AddUnique(target.ext_ids, state.ext_id);
      for (const Person& person : found->bundle.persons) AddPerson(target, person);
      for (const int64_t id : found->bundle.gone_persons) AddPersonId(target, id);
      if (found->person) AddPerson(target, found->person->person);
      return target;
    }
    const auto* by = std::get_if<EmailKey>(&key);
    if (by == nullptr) return found.status();
    AddUnique(target.emails, AsciiLower(by->email));
    CONNECTOR_RETURN_IF_ERROR(LookOutside(target));
    if (target.person_ids.empty() && target.brevo_id == 0) return found.status();
    return target;
  }

  void AddPersonId(store::ErasureTarget& target, int64_t id) const {
    if (std::find(target.person_ids.begin(), target.person_ids.end(), id) !=
        target.person_ids.end()) {
      return;
    }
    target.person_ids.push_back(id);
    AddUnique(target.ext_ids, planning_.ExtIdOf(id));
  }
  void AddPerson(store::ErasureTarget& target, const Person& person) const {
    AddPersonId(target, person.id);
    for (const ContactPoint& email : person.emails) {
      AddUnique(target.emails, AsciiLower(email.value));
    }
  }

  // Somebody who isn't known here may be known to the vendors.
  absl::Status LookOutside(store::ErasureTarget& target) {
    SearchQuery query;
    query.term = target.emails.front();
    query.types = {SearchItemType::kPerson};
    query.fields = {"email"};
    query.exact_match = true;
    CONNECTOR_ASSIGN_OR_RETURN(const SearchPage page, accounts_.pipedrive.Search(query, call_));
    for (const FoundItem& item : page.items) {
      int64_t id = 0;
      if (absl::SimpleAtoi(item.id, &id)) AddPersonId(target, id);
    }
    const auto contact =
        accounts_.brevo.GetContact({brevo::ContactId::Type::kEmail, target.emails.front()}, call_);
    if (contact.ok()) target.brevo_id = contact->id;
    return absl::IsNotFound(contact.status()) ? absl::OkStatus() : contact.status();
  }

  absl::StatusOr<Erasure> Note(Erasure erasure, const absl::StatusOr<ErasureOutcome>& outcome,
                               ErasureOutcome Erasure::*place) {
    if (!outcome.ok()) {
      accounts_.log.Warning("an erasure waits", {{"connection", connection()},
                                                 {"audit", erasure.id},
                                                 {"error", outcome.status().ToString()}});
      return erasure;
    }
    erasure.*place = *outcome;
    return accounts_.store.SaveErasure(connection(), erasure, accounts_.clock.Now());
  }

  absl::StatusOr<ErasureOutcome> InPipedrive(const store::ErasureTarget& target) {
    const PipedriveErasure policy = accounts_.settings.removal.erase_in_pipedrive;
    if (target.person_ids.empty()) return ErasureOutcome::kNotFound;
    if (policy == PipedriveErasure::kKeep) return ErasureOutcome::kKept;
    bool any = false;
    for (const int64_t id : target.person_ids) {
      const absl::Status done =
          policy == PipedriveErasure::kDelete
              ? accounts_.person_writes.DeletePerson(id, call_)
              : accounts_.person_writes.UpdatePerson(id, Anonymous(), {}, call_).status();
      if (!done.ok() && !absl::IsNotFound(done)) return done;
      any |= done.ok();
    }
    if (!any) return ErasureOutcome::kNotFound;
    return policy == PipedriveErasure::kDelete ? ErasureOutcome::kDeleted
                                               : ErasureOutcome::kAnonymised;
  }

  // Everything of a person that this service can name.
  PersonWrite Anonymous() const {
    PersonWrite write;
    write.name = kNobody;
    write.first_name = kNobody;
    write.last_name = "";
    write.emails.emplace();
    write.phones.emplace();
    for (const PipedriveField& field : planning_.schema.person_fields) {
      if (field.is_custom) write.custom_fields.emplace_back(field.key, std::monostate{});
    }
    std::sort(write.custom_fields.begin(), write.custom_fields.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    return write;
  }

  absl::StatusOr<ErasureOutcome> InBrevo(const store::ErasureTarget& target) {
    std::vector<brevo::ContactId> ids;
    if (target.brevo_id != 0) {
      ids.push_back({brevo::ContactId::Type::kBrevoId, absl::StrCat(target.brevo_id)});
    }
    for (const std::string& email : target.emails) {
      ids.push_back({brevo::ContactId::Type::kEmail, email});
    }
    ErasureOutcome outcome = ErasureOutcome::kNotFound;
    for (const brevo::ContactId& id : ids) {
      CONNECTOR_ASSIGN_OR_RETURN(const bool done, EraseInBrevo(id));
      if (!done) continue;
      outcome = accounts_.settings.removal.erase_in_brevo == BrevoErasure::kDelete
                    ? ErasureOutcome::kDeleted
                    : ErasureOutcome::kAnonymised;
    }
    return outcome;
  }

  // False if there is none.
  absl::StatusOr<bool> EraseInBrevo(const brevo::ContactId& id) {
    if (accounts_.settings.removal.erase_in_brevo == BrevoErasure::kDelete) {
      const absl::Status deleted = accounts_.brevo.DeleteContact(id, call_);
      if (!deleted.ok() && !absl::IsNotFound(deleted)) return deleted;
      return deleted.ok();
    }
    const absl::StatusOr<Contact> seen = accounts_.brevo.GetContact(id, call_);
    if (absl::IsNotFound(seen.status())) return false;
    if (!seen.ok()) return seen.status();
    ContactWrite write;
    // Brevo needs an identity. Blocked in the same call: a new address would be written to.
    write.email = absl::StrCat("erased-", seen->id, "@erased.invalid");
    write.keep_email_block = true;
    for (const auto& [attribute, value] : seen->attributes) {
      write.attributes.emplace_back(attribute, Value{});
    }
    write.leave_lists = seen->list_ids;
    const absl::Status written = accounts_.brevo.UpdateContact(
        {brevo::ContactId::Type::kBrevoId, absl::StrCat(seen->id)}, write, call_);
    if (!written.ok()) return written;
    return true;
  }

  const Accounts& accounts_;
  const Planning& planning_;
  const http::CallContext& call_;
};

}  // namespace

absl::StatusOr<Erasure> EraseContact(const Accounts& accounts, const ContactKey& key,
                                     const EraseContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(const Planning planning, StoredPlanning(accounts));
  Eraser eraser(accounts, planning, context.call);
  CONNECTOR_ASSIGN_OR_RETURN(Erasure erasure, eraser.Begin(key, context.audit_id));
  return eraser.GoOn(std::move(erasure));
}

absl::Status ResumeErasures(const Accounts& accounts, const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(const auto unfinished, accounts.store.UnfinishedErasures(
                                                        accounts.settings.connection, kResumed));
  if (unfinished.empty()) return absl::OkStatus();
  CONNECTOR_ASSIGN_OR_RETURN(const Planning planning, StoredPlanning(accounts));
  Eraser eraser(accounts, planning, context);
  for (const Erasure& erasure : unfinished) {
    CONNECTOR_RETURN_IF_ERROR(eraser.GoOn(erasure).status());
  }
  return absl::OkStatus();
}

}  // namespace connector::sync
