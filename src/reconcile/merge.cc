#include "reconcile/merge.h"

#include "reconcile/equal.h"

namespace connector::reconcile {
namespace {

using Write = MergeDecision::Write;

const Value& Empty() {
  static const Value empty;
  return empty;
}

// The two sides of one field and how each moved.
struct Sides {
  const Value& wanted;
  const Value& held;  // what Brevo holds, as far as is known
  const Value* base;  // null: never merged
  bool wanted_changed;
  bool held_changed;
};

Sides Compare(const MergeInput& input, const Same& same) {
  const FieldState* const known = input.known;
  const Value& wanted = *input.wanted;
  // What was written came from Pipedrive, so until it is seen it is what both sides have agreed on.
  const bool pending = known && known->unconfirmed;
  const Value& held = !known ? Empty() : pending ? *known->unconfirmed : known->seen;
  const Value* const base = pending ? &held : known && known->base ? &*known->base : nullptr;
  const Value& before = base ? *base : Empty();
  return {wanted, held, base, !Equal(same, wanted, before), !Equal(same, held, before)};
}

MergeDecision ToBrevo(const Sides& sides, MergeReason reason) {
  return {Write::kBrevo, sides.wanted, reason};
}

MergeDecision ToPipedrive(const Sides& sides, MergeReason reason) {
  return {Write::kPipedrive, sides.held, reason};
}

MergeDecision Nothing(MergeReason reason) { return {Write::kNothing, {}, reason}; }

// One-way flow: `changed` tells of the side that gives the value, `other_changed` of the other one.
MergeReason OneWayReason(const Sides& sides, bool other_changed, MergeReason changed) {
  if (other_changed) return MergeReason::kOneWay;
  return sides.base ? changed : MergeReason::kFirstFill;
}

// An empty side clears the other only if both once agreed on a value.
bool ClearsUnasked(const Sides& sides, const Value& giving) {
  return IsEmpty(giving) && (!sides.base || IsEmpty(*sides.base));
}

bool BrevoWins(const MergeInput& input) {
  switch (input.winner) {
    case Winner::kPipedrive:
      return false;
    case Winner::kBrevo:
      return true;
    case Winner::kLatest:
      // A change of unknown time counts as older; Pipedrive wins a draw.
      return input.brevo_changed &&
             (!input.pipedrive_changed || *input.brevo_changed > *input.pipedrive_changed);
  }
  return false;
}

MergeDecision DecideBoth(const MergeInput& input, const Sides& sides) {
  const bool first = !sides.base;
  if (sides.wanted_changed && sides.held_changed) {
    return BrevoWins(input) ? ToPipedrive(sides, MergeReason::kConflictBrevo)
                            : ToBrevo(sides, MergeReason::kConflictPipedrive);
  }
  if (sides.held_changed) {
    return ToPipedrive(sides, first ? MergeReason::kFirstFill : MergeReason::kBrevoChanged);
  }
  return ToBrevo(sides, first ? MergeReason::kFirstFill : MergeReason::kPipedriveChanged);
}

MergeDecision Decide(const MergeInput& input, const Sides& sides) {
  switch (input.flow) {
    case Flow::kToBrevo:
      if (ClearsUnasked(sides, sides.wanted)) return Nothing(MergeReason::kOneWay);
      return ToBrevo(sides,
                     OneWayReason(sides, sides.held_changed, MergeReason::kPipedriveChanged));
    case Flow::kToPipedrive:
      if (ClearsUnasked(sides, sides.held)) return Nothing(MergeReason::kOneWay);
      return ToPipedrive(sides,
                         OneWayReason(sides, sides.wanted_changed, MergeReason::kBrevoChanged));
    case Flow::kBoth:
      break;
  }
  return DecideBoth(input, sides);
}

// The base of a refused field is what Brevo held when it refused (see Observe): only what moved
// away from that is an edit made there and may flow back.
bool FlowsBackRefused(const MergeDecision& decision, const Sides& sides) {
  return decision.write == Write::kBrevo || !sides.base || !sides.held_changed;
}

}  // namespace

std::string_view MergeReasonName(MergeReason reason) {
  switch (reason) {
    case MergeReason::kEqual:
      return "equal";
    case MergeReason::kUnconfirmed:
      return "unconfirmed";
    case MergeReason::kRefused:
      return "refused";
    case MergeReason::kPipedriveChanged:
      return "pipedrive_changed";
    case MergeReason::kBrevoChanged:
      return "brevo_changed";
    case MergeReason::kConflictPipedrive:
      return "conflict_pipedrive";
    case MergeReason::kConflictBrevo:
      return "conflict_brevo";
    case MergeReason::kFirstFill:
      return "first_fill";
    case MergeReason::kNoOpinion:
      return "no_opinion";
    case MergeReason::kOneWay:
      return "one_way";
  }
  return "unknown";
}

MergeDecision Merge(const MergeInput& input, const Same& same) {
  if (!input.wanted) return Nothing(MergeReason::kNoOpinion);
  const Sides sides = Compare(input, same);
  const FieldState* const known = input.known;
  if (Equal(same, sides.wanted, sides.held)) {
    return Nothing(known && known->unconfirmed ? MergeReason::kUnconfirmed : MergeReason::kEqual);
  }
  MergeDecision decision = Decide(input, sides);
  if (decision.write != Write::kNothing && known && known->refused &&
      Equal(same, *known->refused, sides.wanted) && FlowsBackRefused(decision, sides)) {
    return Nothing(MergeReason::kRefused);
  }
  return decision;
}

}  // namespace connector::reconcile
