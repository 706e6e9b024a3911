#include "sync/brevo_looks.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "sync/walk_parts.h"

namespace connector::sync {
namespace {

// A page of up to 1,000 contacts is one call, but a longer one.
constexpr int64_t kPageFrom = 10;
// A page reaches no further back: too much else may have changed since.
constexpr Duration kPageOfLast = std::chrono::hours(1);

}  // namespace

void BrevoLooks::Want(const ContactState& state, const BrevoChange& change) {
  Wanted& wanted = wanted_[state.key];
  for (const std::string* email : {&change.email, &change.new_email}) {
    if (email->empty()) continue;
    std::erase(wanted.emails, *email);
    wanted.emails.insert(wanted.emails.begin(), *email);
  }
  wanted.may_be_gone |= change.kind == BrevoChange::Kind::kContactDeleted;
  wanted.since = std::min(wanted.since, change.occurred_at.value_or(Time{}));
}

absl::Status BrevoLooks::ReadPage() {
  const Time earliest = accounts_.clock.Now() - kPageOfLast;
  Time since = Time::max();
  const auto count = std::count_if(wanted_.begin(), wanted_.end(), [&](const auto& entry) {
    const Wanted& wanted = entry.second;
    const bool may_be_there = !wanted.may_be_gone && wanted.since > earliest;
    if (may_be_there) since = std::min(since, wanted.since);
    return may_be_there;
  });
  if (count < kPageFrom) return absl::OkStatus();
  page_read_at_ = accounts_.clock.Now();
  CONNECTOR_ASSIGN_OR_RETURN(auto page,
                             accounts_.brevo.ListContacts(0, since - kOverlap, context_));
  for (Contact& contact : page.contacts) {
    by_email_[AsciiLower(contact.email)] = contact.id;
    by_id_[contact.id] = std::move(contact);
  }
  return absl::OkStatus();
}

absl::StatusOr<BrevoLooks::Look> BrevoLooks::Take(const ContactState& state) {
  const Wanted& wanted = wanted_.at(state.key);
  std::vector<brevo::ContactId> ids;
  if (state.brevo_id != 0) {
    if (const auto seen = by_id_.find(state.brevo_id); seen != by_id_.end()) {
      return Look{seen->second, page_read_at_, std::nullopt};
    }
    ids.push_back({brevo::ContactId::Type::kBrevoId, absl::StrCat(state.brevo_id)});
  }
  for (const std::string& email : wanted.emails) {
    if (state.brevo_id == 0) {
      if (const auto seen = by_email_.find(AsciiLower(email)); seen != by_email_.end()) {
        return Look{by_id_.at(seen->second), page_read_at_, std::nullopt};
      }
    }
    ids.push_back({brevo::ContactId::Type::kEmail, email});
  }
  Look look;
  look.read_at = accounts_.clock.Now();
  for (const brevo::ContactId& id : ids) {
    absl::StatusOr<Contact> seen = accounts_.brevo.GetContact(id, context_);
    if (seen.ok()) {
      look.contact = *std::move(seen);
      return look;
    }
    if (absl::IsNotFound(seen.status())) continue;
    if (ReactionOf(seen.status()) != Reaction::kFailRecord) return seen.status();
    look.refused = seen.status();
    return look;
  }
  return look;
}

}  // namespace connector::sync
