#pragma once

// What one change that Brevo told comes to for a contact: pure, a table of cases. The cheapest
// right answer: what is known, be it an echo of our own write, costs nothing; what is news and
// certainly newer than all that is known is folded in as it was told; what only a look at the
// contact can tell is left to that.

#include <string_view>

#include "model/brevo_change.h"
#include "model/contact_state.h"
#include "sync/planning.h"

namespace connector::sync {

enum class NewsKind {
  kNotMapped,  // nothing of it matters here
  kKnown,      // all of it is known; what was unconfirmed is confirmed by it
  kStale,      // older than what is known
  kOwnKey,     // made with this service's key: likewise
  kTaken,      // folded
  kLater,      // it may be the echo of a write that is under way
  kInDoubt,    // only a look can tell
};

// Folds `change`, which is no deletion, into `state`, whose contact exists as far as is known.
// After kLater and kInDoubt nothing of the state is to be used. `own_key`: the name of this
// service's API key, or "". `leased`: somebody is writing to the contact.
NewsKind FoldChange(const Planning& planning, std::string_view own_key, const BrevoChange& change,
                    bool leased, ContactState& state);

}  // namespace connector::sync
