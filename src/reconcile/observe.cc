#include <algorithm>
#include <utility>

#include "base/sorted_ids.h"
#include "reconcile/equal.h"
#include "reconcile/merge.h"

namespace connector::reconcile {
namespace {

using Ids = SortedIds;

Ids Sorted(Ids ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

void Settle(FieldState& field, const Value& base, Value seen) {
  field.base = base;
  field.unconfirmed.reset();
  field.seen = std::move(seen);
}

// A look at a field that was written: true if the write was refused.
bool SettleUnconfirmed(FieldState& field, const Value& seen, const Same& same) {
  const Value written = *field.unconfirmed;
  if (Equal(same, seen, written)) {
    Settle(field, seen, seen);
    field.refused.reset();
    return false;
  }
  if (IsEmpty(seen) || Equal(same, seen, field.seen)) {
    // The base becomes what Brevo holds, or it would look like an edit made there and flow back.
    Settle(field, seen, seen);
    field.refused = written;
    return true;
  }
  if (field.base && Equal(same, seen, *field.base)) {
    // The late echo of the write before this one (see ApplyWrite). Seen once more it is a refusal.
    field.seen = seen;
    return false;
  }
  Settle(field, written, seen);
  field.refused.reset();
  return false;
}

void ObserveUnwritten(FieldState& field, const Value& seen, const Same& same) {
  field.seen = seen;
  if (field.refused && Equal(same, *field.refused, seen)) {
    field.base = seen;  // it took after all
    field.refused.reset();
  }
}

void ObserveLists(ContactState& state, const Contact& seen) {
  const Ids present = Sorted(seen.list_ids);
  const Ids unsubscribed = Sorted(seen.list_unsubscribed);
  const Ids gone = Difference(state.lists_put, present);
  state.lists_left = Union(Union(state.lists_left, gone), unsubscribed);
  state.lists_put = Intersection(state.lists_put, present);
  state.lists = present;
}

}  // namespace

std::vector<Refusal> Observe(ContactState& state, const Contact& seen,
                             const std::vector<ObservedField>& fields) {
  state.existence = Existence::kPresent;
  if (seen.id != 0) state.brevo_id = seen.id;
  if (!seen.email.empty()) state.email = seen.email;
  // One that was written and isn't shown stays: it is set once, and asking again would never end.
  if (!seen.ext_id.empty()) state.ext_id = seen.ext_id;
  state.email_blacklisted = seen.email_blacklisted;
  state.sms_blacklisted = seen.sms_blacklisted;
  if (seen.modified_at) state.brevo_modified_at = seen.modified_at;
  ObserveLists(state, seen);

  std::vector<Refusal> refusals;
  for (const ObservedField& observed : fields) {
    FieldState* field = FindField(state, observed.attribute);
    if (!field) {
      if (IsEmpty(observed.seen)) continue;  // nothing is known of it and nothing is there
      field = &EnsureField(state, observed.attribute);
    }
    if (!field->unconfirmed) {
      ObserveUnwritten(*field, observed.seen, *observed.same);
    } else if (SettleUnconfirmed(*field, observed.seen, *observed.same)) {
      refusals.push_back({field->attribute, *field->refused});
    }
  }
  return refusals;
}

void ApplyWrite(ContactState& state, const ContactWrite& write) {
  state.existence = Existence::kPresent;
  if (!write.email.empty()) state.email = write.email;
  if (write.ext_id) state.ext_id = *write.ext_id;
  if (write.block_email) state.email_blacklisted = true;
  for (const auto& [attribute, value] : write.attributes) {
    FieldState& field = EnsureField(state, attribute);
    // A write over one that was never seen: remember that one, its echo may still come.
    if (field.unconfirmed && *field.unconfirmed != value) field.base = *field.unconfirmed;
    field.unconfirmed = value;
    field.refused.reset();
  }
  const Ids joined = Sorted(write.join_lists);
  const Ids left = Sorted(write.leave_lists);
  state.lists_put = Difference(Union(state.lists_put, Difference(joined, state.lists)), left);
  state.lists = Difference(Union(state.lists, joined), left);
}

void Agree(FieldState& field, const Value& wanted, const Same& same) {
  if (field.unconfirmed || !Equal(same, field.seen, wanted)) return;
  field.base = field.seen;
  field.refused.reset();
}

}  // namespace connector::reconcile
