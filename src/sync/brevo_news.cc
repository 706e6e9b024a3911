#include "sync/brevo_news.h"

#include <algorithm>
#include <utility>

#include "base/sorted_ids.h"
#include "base/strings.h"
#include "mapping/attribute_value.h"

namespace connector::sync {
namespace {

using Ids = SortedIds;
using Kind = BrevoChange::Kind;

bool IncludesAll(const Ids& all, const Ids& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

bool FitsType(const BrevoAttribute& attribute, const Value& value) {
  if (IsEmpty(value)) return true;
  switch (attribute.type) {
    case AttributeType::kNumber:
      return std::holds_alternative<double>(value);
    case AttributeType::kBoolean:
      return std::holds_alternative<bool>(value);
    default:
      return true;
  }
}

// How the time of the change stands to what is known. Brevo tells seconds.
enum class Age {
  kNewer,      // than all that is known
  kSameTime,   // as a look or another change: either may be the later one
  kOlder,      // than a change that was told; that one may have been about something else
  kOverlooked  // older than a look at the whole contact
};

Age AgeOf(const BrevoChange& change, const ContactState& state) {
  if (!change.occurred_at) return Age::kSameTime;
  const Time at = std::chrono::floor<std::chrono::seconds>(*change.occurred_at);
  if (state.brevo_modified_at) {
    const Time seen = std::chrono::floor<std::chrono::seconds>(*state.brevo_modified_at);
    if (at < seen) return Age::kOverlooked;
    if (at == seen) return Age::kSameTime;
  }
  if (!state.told_at) return Age::kNewer;
  const Time told = std::chrono::floor<std::chrono::seconds>(*state.told_at);
  return at < told ? Age::kOlder : at == told ? Age::kSameTime : Age::kNewer;
}

// One call of FoldChange.
class Folding {
 public:
  Folding(const Planning& planning, std::string_view own_key, const BrevoChange& change,
          bool leased, ContactState& state)
      : planning_(planning),
        change_(change),
        state_(state),
        age_(AgeOf(change, state)),
        own_(!own_key.empty() && change.api_key_name == own_key),
        leased_(leased) {}

  NewsKind Run() && {
    TakeOptOuts();
    if (change_.kind == Kind::kContactUpdated) {
      ReadAddress();
      ReadAttributes();
      ReadUnblocks();
    }
    if (change_.kind == Kind::kContactUpdated || change_.kind == Kind::kListAddition) ReadLists();
    return Conclude();
  }

 private:
  // Something that is not known yet, unless it was our own doing. True if it is to be taken.
  bool News(bool is_settled_by_a_look = true) {
    if (own_) {
      known_ = true;
    } else if (age_ == Age::kOverlooked && is_settled_by_a_look) {
      stale_ = true;
    } else if (age_ != Age::kNewer) {
      in_doubt_ = true;
    } else if (leased_) {
      later_ = true;
    } else {
      return taken_ = true;
    }
    return false;
  }

  // These are taken though somebody is writing to the contact, and though it is the same second: of
  // an opt-out and something else at once the opt-out counts.
  void OptOut(bool is_known, auto take) {
    if (is_known) {
      known_ = true;
    } else if (!change_.occurred_at || age_ == Age::kOlder || age_ == Age::kOverlooked) {
      in_doubt_ = true;
    } else {
      take();
      taken_ = true;
    }
  }

  void TakeOptOuts() {
    const bool leaves_all = change_.kind == Kind::kHardBounce || change_.kind == Kind::kSpam ||
                            (change_.kind == Kind::kUnsubscribed && change_.list_ids.empty());
    if (leaves_all || change_.email_blacklisted == true) {
      OptOut(state_.email_blacklisted, [this] { state_.email_blacklisted = true; });
    }
    if (change_.sms_blacklisted == true) {
      OptOut(state_.sms_blacklisted, [this] { state_.sms_blacklisted = true; });
    }
    if (change_.kind == Kind::kUnsubscribed && !change_.list_ids.empty()) {
      OptOut(IncludesAll(state_.lists_left, change_.list_ids), [this] {
        state_.lists_left = Union(state_.lists_left, change_.list_ids);
        state_.lists = Difference(state_.lists, change_.list_ids);
        state_.lists_put = Difference(state_.lists_put, change_.list_ids);
      });
    }
  }

  void ReadAddress() {
    if (change_.new_email.empty()) return;
    const std::string address = AsciiLower(change_.new_email);
    if (address != AsciiLower(state_.email)) {
      // Another contact may have it now, and which of the two addresses names the contact is not
      // said.
      in_doubt_ |= !own_;
      known_ |= own_;
      return;
    }
    known_ = true;
    FieldState* field = FindField(state_, "EMAIL");
    if (field != nullptr && field->unconfirmed == Value{address}) Confirm(*field, address);
  }

  void Confirm(FieldState& field, Value seen) {
    field.base = seen;
    field.seen = std::move(seen);
    field.unconfirmed.reset();
    field.refused.reset();
    confirmed_ = true;
  }

  void ReadAttributes() {
    for (size_t i = 0; i < planning_.map.fields.size(); ++i) {
      const BrevoAttribute& attribute = planning_.map.fields[i].attribute;
      const auto told =
          std::lower_bound(change_.attributes.begin(), change_.attributes.end(), attribute.name,
                           [](const auto& a, const std::string& name) { return a.first < name; });
      if (told == change_.attributes.end() || told->first != attribute.name) continue;
      ReadAttribute(attribute, mapping::NormalizeSeen(attribute, told->second), planning_.same[i]);
    }
    for (const auto& [name, value] : change_.attributes) {
      if (name == "EXT_ID") ReadExtId(ToText(value));
    }
  }

  void ReadAttribute(const BrevoAttribute& attribute, Value told, const reconcile::Same& same) {
    FieldState* field = FindField(state_, attribute.name);
    const Value none;
    const Value& expected = field == nullptr     ? none
                            : field->unconfirmed ? *field->unconfirmed
                                                 : field->seen;
    const bool equal = IsEmpty(told) ? IsEmpty(expected) : same(told, expected);
    if (equal) {
      known_ = true;
      if (field != nullptr && field->unconfirmed) Confirm(*field, std::move(told));
      return;
    }
    if (!own_ && (!FitsType(attribute, told) || (field != nullptr && field->unconfirmed))) {
      // What was written and is not seen yet: which of the two came later, only Brevo knows.
      in_doubt_ = true;
      return;
    }
    if (!News()) return;
    reconcile::Observe(state_, AsKnown(), {{attribute.name, std::move(told), &same}});
  }

  // An identifier: it may have gone from another contact to this one.
  void ReadExtId(const std::string& told) {
    if (told == state_.ext_id || told.empty() || own_) {
      known_ = true;
    } else {
      in_doubt_ = true;
    }
  }

  // Somebody lifted a block in Brevo: its truth is taken, but only where it is certainly the last
  // word.
  void ReadUnblocks() {
    if (change_.email_blacklisted == false) Unblock(state_.email_blacklisted);
    if (change_.sms_blacklisted == false) Unblock(state_.sms_blacklisted);
  }
  void Unblock(bool& blacklisted) {
    if (!blacklisted) {
      known_ = true;
    } else if (News(/*is_settled_by_a_look=*/false)) {
      blacklisted = false;
    }
  }

  void ReadLists() {
    if (!change_.list_ids.empty()) {
      if (IncludesAll(state_.lists, change_.list_ids)) {
        known_ = true;
      } else if (News()) {
        state_.lists = Union(state_.lists, change_.list_ids);
      }
    }
    if (change_.lists_left.empty()) return;
    const Ids remaining = Difference(state_.lists, change_.lists_left);
    if (remaining == state_.lists) {
      known_ = true;
    } else if (News()) {
      Contact seen = AsKnown();
      seen.list_ids = remaining;
      reconcile::Observe(state_, seen, {});
    }
  }

  // A look that shows what is known, and nothing more.
  Contact AsKnown() const {
    Contact seen;
    seen.email_blacklisted = state_.email_blacklisted;
    seen.sms_blacklisted = state_.sms_blacklisted;
    seen.list_ids = state_.lists;
    return seen;
  }

  NewsKind Conclude() {
    if (in_doubt_) return NewsKind::kInDoubt;
    if (later_) return NewsKind::kLater;
    // Confirmed, too: the echo of a write tells when Brevo had it.
    if ((taken_ || confirmed_) && change_.occurred_at) {
      state_.told_at = std::max(state_.told_at, change_.occurred_at);
    }
    if (taken_) return NewsKind::kTaken;
    if (own_) return NewsKind::kOwnKey;
    if (stale_) return NewsKind::kStale;
    return known_ ? NewsKind::kKnown : NewsKind::kNotMapped;
  }

  const Planning& planning_;
  const BrevoChange& change_;
  ContactState& state_;
  const Age age_;
  const bool own_;
  const bool leased_;
  bool known_ = false;
  bool confirmed_ = false;
  bool stale_ = false;
  bool taken_ = false;
  bool later_ = false;
  bool in_doubt_ = false;
};

}  // namespace

NewsKind FoldChange(const Planning& planning, std::string_view own_key, const BrevoChange& change,
                    bool leased, ContactState& state) {
  return Folding(planning, own_key, change, leased, state).Run();
}

}  // namespace connector::sync
