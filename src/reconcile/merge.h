#pragma once

// The one place that decides what is written: the three-way merge of one field, and what a look at
// Brevo or a finished write does to the known state. Pure.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/contact.h"
#include "model/contact_state.h"
#include "model/value.h"

namespace connector::reconcile {

enum class Flow { kToBrevo, kBoth, kToPipedrive };
enum class Winner { kPipedrive, kBrevo, kLatest };

// Tells whether two values are the same for the attribute at hand.
using Same = std::function<bool(const Value&, const Value&)>;

enum class MergeReason {
  kEqual,        // both sides agree
  kUnconfirmed,  // already written, not seen yet
  kRefused,      // Brevo did not take this very value before
  kPipedriveChanged,
  kBrevoChanged,
  kConflictPipedrive,  // both changed, Pipedrive wins
  kConflictBrevo,      // both changed, Brevo wins
  kFirstFill,          // never merged, only one side has a value
  kNoOpinion,          // the source has nothing usable to say (a dropped value)
  kOneWay,  // the change would flow against the field's direction: the other side is put back
            // or left, as the direction says
};
std::string_view MergeReasonName(MergeReason reason);

struct MergeInput {
  const FieldState* known = nullptr;  // null: nothing known, as all empty and never merged
  std::optional<Value> wanted;        // Pipedrive's side as mapped; none: no opinion
  Flow flow = Flow::kBoth;
  Winner winner = Winner::kPipedrive;
  // For kLatest: when each change was first seen.
  std::optional<Time> pipedrive_changed;
  std::optional<Time> brevo_changed;
};

struct MergeDecision {
  enum class Write { kNothing, kBrevo, kPipedrive } write = Write::kNothing;
  Value value;  // what is to be written
  MergeReason reason = MergeReason::kEqual;
};

// Rules. "Changed" means different from the base; without a base, a side with a value has changed
// and a side without one has not (an empty side never clears at first sight). What is unconfirmed
// counts as what Brevo holds and as the base, since it came from Pipedrive. A refused value that is
// still wanted writes nothing, unless Brevo's side was edited after the refusal and that edit wins.
// Flow kToBrevo: Pipedrive always gives the value, Brevo's edits are written over, but an empty
// value clears only what the connector once wrote (base or unconfirmed not empty). kToPipedrive is
// the mirror image. kLatest: a change of unknown time is the older one, and Pipedrive wins a draw.
MergeDecision Merge(const MergeInput& input, const Same& same);

// How one mapped attribute's answers are compared (and already normalised by the caller).
struct ObservedField {
  std::string_view attribute;
  Value seen;
  const Same* same = nullptr;
};

// What a look found that somebody should hear of.
struct Refusal {
  std::string attribute;
  Value value;
};

// Folds what Brevo shows into the state. For each field: unconfirmed and seen the same: confirmed,
// the base is the seen value; seen as before the write, or empty: refused, reported, and the base
// is what is seen, so that it does not look like an edit; seen as an earlier write that was never
// seen: its late echo, the field stays unconfirmed; seen otherwise: an edit made in Brevo after the
// write, whose base is what was written. A refused value that shows up after all is refused no
// longer. Lists: those the connector put it into and that are gone, and those it unsubscribed from,
// become lists it left. An EXT_ID or e-mail that is not shown leaves the known one. The caller sees
// to it that `seen` is newer than the state and than the end of every write in it.
std::vector<Refusal> Observe(ContactState& state, const Contact& seen,
                             const std::vector<ObservedField>& fields);

// Folds a write that Brevo accepted into the state: its fields become unconfirmed, its lists put. A
// list the contact was in already is not one the connector put it into.
void ApplyWrite(ContactState& state, const ContactWrite& write);

// Takes both sides' agreement where nothing was to be written: where Pipedrive and Brevo hold the
// same the base becomes that value. Also to be called after a write to Pipedrive, with what was
// written. Does nothing while a write is unconfirmed.
void Agree(FieldState& field, const Value& wanted, const Same& same);

}  // namespace connector::reconcile
