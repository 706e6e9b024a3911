#include "sync/brevo_ingest.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "model/wire.h"
#include "sync/brevo_looks.h"
#include "sync/brevo_news.h"
#include "sync/deleted_contact.h"
#include "sync/person_creation.h"
#include "sync/walk_parts.h"

namespace connector::sync {
namespace {

using Kind = BrevoChange::Kind;
using Outcome = store::ContactNews::Outcome;

// What is to be known of a change where its news are folded, inside the transaction.
struct Teller {
  std::shared_ptr<const Planning> planning;
  const Accounts& accounts;

  void Count(const BrevoChange& change, std::string_view outcome) const {
    accounts.metrics.OnBrevoChange(accounts.settings.connection, BrevoChangeName(change.kind),
                                   outcome);
  }
  void CountOwn(std::string_view guard) const {
    accounts.metrics.OnOwnWrite(accounts.settings.connection, guard);
  }
};

// An outcome that is counted; nullopt for those that come round again.
void CountTold(const Teller& teller, const BrevoChange& change, NewsKind kind) {
  switch (kind) {
    case NewsKind::kNotMapped:
      return teller.Count(change, "not_mapped");
    case NewsKind::kKnown:
      if (change.kind == Kind::kContactUpdated || change.kind == Kind::kListAddition) {
        teller.CountOwn("merge_base");
      }
      return teller.Count(change, "known");
    case NewsKind::kOwnKey:
      teller.CountOwn("api_key_name");
      return teller.Count(change, "own_write");
    case NewsKind::kStale:
      return teller.Count(change, "stale");
    case NewsKind::kTaken:
      return teller.Count(change, "taken");
    case NewsKind::kLater:
    case NewsKind::kInDoubt:
      return;
  }
}

// Folds a change as it was told. The transaction may begin anew; it is counted once.
store::ContactNews::Fold ToldFold(Teller teller, BrevoChange change) {
  return [teller = std::move(teller), change = std::move(change),
          counted = std::make_shared<bool>(false)](ContactState& state, bool leased) {
    Outcome outcome;
    const NewsKind kind = FoldChange(*teller.planning, teller.accounts.settings.brevo_key_name,
                                     change, leased, state);
    outcome.taken = kind != NewsKind::kLater && kind != NewsKind::kInDoubt;
    if (outcome.taken && !std::exchange(*counted, true)) CountTold(teller, change, kind);
    return outcome;
  };
}

// A contact nobody is bound to: what it opted out of is kept, since somebody may be later; the rest
// is left to the next read of all that changed.
store::ContactNews::Fold UnboundFold(Teller teller, BrevoChange change) {
  return [teller = std::move(teller), change = std::move(change)](ContactState& state, bool) {
    if (change.kind == Kind::kContactDeleted) {
      state.existence = Existence::kUnknown;
      state.brevo_id = 0;
      return Outcome{.mark = false};
    }
    ContactState folded = state;
    const NewsKind kind = FoldChange(*teller.planning, teller.accounts.settings.brevo_key_name,
                                     change, /*leased=*/false, folded);
    if (kind == NewsKind::kTaken || kind == NewsKind::kKnown) state = std::move(folded);
    return Outcome{.mark = false};
  };
}

// A contact of the same address that was made anew: of the old one nothing is there any more.
void ForgetFormer(ContactState& state, const Contact& seen) {
  TakeDeletion(state);
  state.ext_id = seen.ext_id;
}

store::ContactNews::Fold LookFold(Teller teller, Contact seen, Time read_at) {
  return [teller = std::move(teller), seen = std::move(seen), read_at](ContactState& state, bool) {
    Outcome outcome;
    if (state.brevo_id != 0 && seen.id != 0 && state.brevo_id != seen.id) {
      ForgetFormer(state, seen);
    }
    std::vector<reconcile::Refusal> refusals;
    state = FoldContact(*teller.planning, state, seen, &refusals, read_at);
    for (const reconcile::Refusal& refusal : refusals) {
      outcome.failures.push_back(
          {.entity = "contact",
           .entity_id = seen.email,
           .reason = FailureReason::kRefusedByBrevo,
           .field = refusal.attribute,
           .detail = "Brevo accepted the write and does not show the value"});
    }
    return outcome;
  };
}

store::ContactNews::Fold GoneFold() {
  return [](ContactState& state, bool) { return Outcome{.mark = TakeDeletion(state)}; };
}

// One call of Handle.
class Handling {
 public:
  Handling(const Accounts& accounts, std::shared_ptr<const Planning> planning,
           const http::CallContext& context)
      : accounts_(accounts), context_(context), teller_{std::move(planning), accounts} {}

  absl::StatusOr<store::IngestBatch> Run(const std::vector<store::LeasedEvent>& leased) && {
    for (const store::LeasedEvent& event : leased) Note(event);
    CONNECTOR_RETURN_IF_ERROR(FindAll());
    for (size_t i = 0; i < changes_.size(); ++i) Tell(i);
    CONNECTOR_RETURN_IF_ERROR(LookAtAll());
    for (const auto& [address, candidate] : candidates_) {
      const absl::Status created = Create(address, candidate);
      if (ReactionOf(created) == Reaction::kPauseAccount) return created;
      if (!created.ok()) GiveBack(candidate, created);
    }
    batch_.bulk = std::all_of(leased.begin(), leased.end(),
                              [](const store::LeasedEvent& event) { return event.entry.bulk; });
    return std::move(batch_);
  }

 private:
  struct Noted {
    int64_t event = 0;
    BrevoChange change;
    std::string lane;
    bool asks_for_person = false;           // that alone
    std::optional<Time> attempted_since{};  // handled before, with an unknown outcome
    const store::KnownContact* contact = nullptr;
  };
  // An address that may have to become a person, with the events that say so.
  struct Candidate {
    std::vector<size_t> changes;  // places in changes_
    std::optional<Time> attempted_since;
  };
  // A contact that only a look can tell of.
  struct Doubt {
    const store::KnownContact* contact = nullptr;
    std::vector<const Noted*> changes;
  };

  void Note(const store::LeasedEvent& leased) {
    batch_.settled.push_back({.id = leased.id, .persons = {}});
    std::optional<Time> attempted_since;
    if (leased.attempts > 1) attempted_since = leased.entry.received_at;
    if (std::string address = AddressToCreateFrom(leased.entry); !address.empty()) {
      BrevoChange asked;
      asked.email = std::move(address);
      changes_.push_back({leased.id, std::move(asked), leased.entry.lane,
                          /*asks_for_person=*/true, attempted_since});
      return;
    }
    absl::StatusOr<BrevoChange> change = DecodeBrevoChange(leased.entry.body);
    if (!change.ok()) {
      batch_.failures.push_back({.entity = "event",
                                 .entity_id = leased.entry.lane,
                                 .reason = FailureReason::kMalformedRecord,
                                 .detail = std::string(change.status().message())});
      return;
    }
    changes_.push_back({leased.id, *std::move(change), leased.entry.lane,
                        /*asks_for_person=*/false, attempted_since});
  }

  absl::Status FindAll() {
    std::vector<std::string> emails;
    const auto want = [&](const std::string& email) {
      std::string address = AsciiLower(email);
      if (address.empty() || !at_.try_emplace(address, emails.size()).second) return;
      emails.push_back(std::move(address));
    };
    for (const Noted& noted : changes_) {
      want(noted.change.email);
      want(noted.change.new_email);
    }
    CONNECTOR_ASSIGN_OR_RETURN(known_,
                               accounts_.store.FindContacts(accounts_.settings.connection, emails));
    for (Noted& noted : changes_) {
      noted.contact = Find(noted.change.email);
      if (noted.contact == nullptr) noted.contact = Find(noted.change.new_email);
    }
    return absl::OkStatus();
  }

  const store::KnownContact* Find(const std::string& email) const {
    const auto at = at_.find(AsciiLower(email));
    if (at == at_.end() || !known_[at->second]) return nullptr;
    return &*known_[at->second];
  }

  void Tell(size_t index) {
    const Noted& noted = changes_[index];
    if (MayBecomePerson(noted)) {
      Candidate& candidate = candidates_[AsciiLower(noted.change.email)];
      candidate.changes.push_back(index);
      if (noted.attempted_since) {
        candidate.attempted_since =
            std::min(candidate.attempted_since.value_or(Time::max()), *noted.attempted_since);
      }
      return;
    }
    if (noted.asks_for_person) return;  // it has one by now
    if (noted.contact == nullptr) {
      return teller_.Count(noted.change, "unbound");
    }
    if (noted.contact->persons.empty()) {
      teller_.Count(noted.change, "unbound");
      return Add(noted, UnboundFold(teller_, noted.change));
    }
    for (store::SettledEvent& settled : batch_.settled) {
      if (settled.id == noted.event) settled.persons = noted.contact->persons;
    }
    if (NeedsLook(noted)) {
      Doubt& doubt = doubts_[noted.contact->state.key];
      doubt.contact = noted.contact;
      doubt.changes.push_back(&noted);
    } else {
      Add(noted, ToldFold(teller_, noted.change));
    }
  }

  // Nobody is bound to the contact, and it is on a list whose contacts become persons, as far as
  // is told; the next run sees those that are not told.
  bool MayBecomePerson(const Noted& noted) const {
    const Planning& planning = *teller_.planning;
    const bool told = noted.change.kind == Kind::kContactUpdated ||
                      noted.change.kind == Kind::kListAddition || noted.asks_for_person;
    if (planning.create_persons_from.empty() || !told || noted.lane != LaneOf(noted.change.email) ||
        (noted.contact != nullptr && !noted.contact->persons.empty())) {
      return false;
    }
    return noted.asks_for_person || IsOnCreatingList(planning, noted.change.list_ids) ||
           (noted.contact != nullptr && IsOnCreatingList(planning, noted.contact->state.lists));
  }

  // The contact is looked at, and its person is found or made; folded after it, it is bound to it.
  absl::Status Create(const std::string& address, const Candidate& candidate) {
    const Time read_at = accounts_.clock.Now();
    absl::StatusOr<Contact> seen =
        accounts_.brevo.GetContact({brevo::ContactId::Type::kEmail, address}, context_);
    if (absl::IsNotFound(seen.status())) return absl::OkStatus();
    CONNECTOR_RETURN_IF_ERROR(seen.status());
    PersonCreation creation(accounts_, *teller_.planning, context_);
    CONNECTOR_ASSIGN_OR_RETURN(
        std::optional<Person> person,
        creation.FindOrMake(*seen, candidate.attempted_since, batch_.failures));
    store::ContactNews news;
    news.contact = ContactOf(candidate);
    for (const size_t index : candidate.changes) {
      news.events.push_back(changes_[index].event);
      teller_.Count(changes_[index].change, person ? "person_bound" : "unbound");
    }
    news.fold = LookFold(teller_, *seen, read_at);
    news.seen = *std::move(seen);
    batch_.contact_news.push_back(std::move(news));
    if (!person) return absl::OkStatus();
    for (store::SettledEvent& settled : batch_.settled) {
      const bool asked = std::any_of(candidate.changes.begin(), candidate.changes.end(),
                                     [&](size_t i) { return changes_[i].event == settled.id; });
      if (asked) settled.persons = {person->id};
    }
    batch_.persons.push_back(MakePersonRow(*teller_.planning, *std::move(person)));
    return absl::OkStatus();
  }

  int64_t ContactOf(const Candidate& candidate) const {
    const store::KnownContact* const known = changes_[candidate.changes.front()].contact;
    return known == nullptr ? 0 : known->state.key;
  }

  // Only these are tried again: what was made for the others must be kept.
  void GiveBack(const Candidate& candidate, const absl::Status& error) {
    for (const size_t index : candidate.changes) {
      std::erase_if(batch_.settled, [&](const store::SettledEvent& settled) {
        return settled.id == changes_[index].event;
      });
      batch_.unhandled.push_back({changes_[index].event, error});
    }
  }

  void Add(const Noted& noted, store::ContactNews::Fold fold) {
    batch_.contact_news.push_back({.contact = noted.contact->state.key,
                                   .seen = std::nullopt,
                                   .events = {noted.event},
                                   .fold = std::move(fold)});
  }

  // The changes of one contact before this one count, too: they are folded first.
  bool NeedsLook(const Noted& noted) {
    const int64_t key = noted.contact->state.key;
    if (noted.change.kind == Kind::kContactDeleted) return true;
    if (noted.contact->state.existence != Existence::kPresent) {
      return !(noted.change.api_key_name &&
               *noted.change.api_key_name == accounts_.settings.brevo_key_name &&
               !accounts_.settings.brevo_key_name.empty());
    }
    if (doubts_.contains(key)) return true;
    ContactState& state = folded_.try_emplace(key, noted.contact->state).first->second;
    ContactState next = state;
    if (FoldChange(*teller_.planning, accounts_.settings.brevo_key_name, noted.change,
                   /*leased=*/false, next) == NewsKind::kInDoubt) {
      return true;
    }
    state = std::move(next);
    return false;
  }

  absl::Status LookAtAll() {
    BrevoLooks looks(accounts_, context_);
    for (const auto& [key, doubt] : doubts_) {
      for (const Noted* noted : doubt.changes) looks.Want(doubt.contact->state, noted->change);
    }
    CONNECTOR_RETURN_IF_ERROR(looks.ReadPage());
    for (const auto& [key, doubt] : doubts_) {
      CONNECTOR_ASSIGN_OR_RETURN(BrevoLooks::Look look, looks.Take(doubt.contact->state));
      store::ContactNews news;
      news.contact = key;
      for (const Noted* noted : doubt.changes) news.events.push_back(noted->event);
      if (look.refused) {
        Fail(doubt, *look.refused);
        continue;
      }
      for (const Noted* noted : doubt.changes) {
        teller_.Count(noted->change, look.contact ? "looked_up" : "deleted");
      }
      if (look.contact) {
        news.fold = LookFold(teller_, *look.contact, look.read_at);
        news.seen = std::move(look.contact);
      } else {
        news.fold = GoneFold();
      }
      batch_.contact_news.push_back(std::move(news));
    }
    return absl::OkStatus();
  }

  void Fail(const Doubt& doubt, const absl::Status& error) {
    batch_.failures.push_back({.entity = "contact",
                               .entity_id = doubt.contact->state.email,
                               .reason = FailureReason::kRejectedByBrevo,
                               .detail = std::string(error.message())});
  }

  const Accounts& accounts_;
  const http::CallContext& context_;
  const Teller teller_;
  std::vector<Noted> changes_;
  std::map<std::string, size_t> at_;  // in known_, by address in lower case
  std::vector<std::optional<store::KnownContact>> known_;
  std::map<int64_t, ContactState> folded_;       // what the changes so far come to, by key
  std::map<int64_t, Doubt> doubts_;              // by key
  std::map<std::string, Candidate> candidates_;  // by address in lower case
  store::IngestBatch batch_;
};

}  // namespace

absl::StatusOr<store::IngestBatch> BrevoIngest::Handle(
    const std::vector<store::LeasedEvent>& events, const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(auto planning, plannings_.Get(context));
  return Handling(accounts_, std::move(planning), context).Run(events);
}

}  // namespace connector::sync
