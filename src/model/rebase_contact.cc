#include <algorithm>

#include "base/sorted_ids.h"
#include "model/contact_state.h"

namespace connector {
namespace {

using Ids = SortedIds;

// What came and went between `before` and `after`, done to `now`.
Ids Replay(const Ids& before, const Ids& after, const Ids& now) {
  return Difference(Union(now, Difference(after, before)), Difference(before, after));
}

// The work's value where it changed it, else what others made of it.
template <typename T>
const T& Moved(const T& before, const T& after, const T& now) {
  return after == before ? now : after;
}

// Written by the one, seen by the other.
FieldState RebaseField(const FieldState& after, const FieldState& now, bool now_is_newer) {
  FieldState field = after;
  if (!now_is_newer) return field;
  field.seen = now.seen;
  if (field.unconfirmed && *field.unconfirmed == field.seen) {
    field.base = field.seen;
    field.unconfirmed.reset();
    field.refused.reset();
  }
  return field;
}

const FieldState& FieldOr(const ContactState& state, const FieldState& empty) {
  const FieldState* field = FindField(state, empty.attribute);
  return field != nullptr ? *field : empty;
}

void RebaseFields(const ContactState& before, const ContactState& after, const ContactState& now,
                  bool now_is_newer, ContactState& out) {
  out.fields.clear();
  const auto add = [&](const std::string& attribute) {
    if (FindField(out, attribute) != nullptr) return;
    const FieldState none{.attribute = attribute};
    const FieldState& was = FieldOr(before, none);
    const FieldState& mine = FieldOr(after, none);
    const FieldState& theirs = FieldOr(now, none);
    EnsureField(out, attribute) = mine == was     ? theirs
                                  : theirs == was ? mine
                                                  : RebaseField(mine, theirs, now_is_newer);
  };
  for (const FieldState& field : after.fields) add(field.attribute);
  for (const FieldState& field : now.fields) add(field.attribute);
}

}  // namespace

ContactState Rebase(const ContactState& before, const ContactState& after,
                    const ContactState& now) {
  ContactState out = after;
  out.brevo_id = Moved(before.brevo_id, after.brevo_id, now.brevo_id);
  out.existence = Moved(before.existence, after.existence, now.existence);
  out.email = Moved(before.email, after.email, now.email);
  out.ext_id = Moved(before.ext_id, after.ext_id, now.ext_id);
  // A look of the work's own knows the flags at its time; what was told later stands above it.
  const bool looked = after.brevo_modified_at > before.brevo_modified_at;
  const bool now_is_newer =
      !looked || std::max(now.told_at, now.brevo_modified_at) > after.brevo_modified_at;
  if (now_is_newer) {
    const bool blocked_by_the_work = after.email_blacklisted && !before.email_blacklisted;
    out.email_blacklisted = now.email_blacklisted || blocked_by_the_work;
    out.sms_blacklisted = now.sms_blacklisted;
  }
  out.lists_left = Union(after.lists_left, now.lists_left);
  out.lists = Replay(before.lists, after.lists, now.lists);
  out.lists_put = Replay(before.lists_put, after.lists_put, now.lists_put);
  RebaseFields(before, after, now, now_is_newer, out);
  out.brevo_modified_at = std::max(after.brevo_modified_at, now.brevo_modified_at);
  out.told_at = std::max(after.told_at, now.told_at);
  out.written_at = std::max(after.written_at, now.written_at);
  return out;
}

}  // namespace connector
