// Every combination of what can be known of a field, against a table written by hand.

#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "reconcile/merge.h"
#include "values.h"

namespace connector::reconcile {
namespace {

using Maybe = std::optional<Value>;
using Write = MergeDecision::Write;

struct Row {
  std::string both;
  std::string to_brevo;
  std::string to_pipedrive;
};

// Key: base, Pipedrive, Brevo. ? never merged, - empty, x the base's value, y another, z a third.
const std::map<std::string, Row>& Table() {
  static const std::map<std::string, Row> table = {
      {"?--", {"nothing equal", "nothing equal", "nothing equal"}},
      {"?y-", {"brevo first_fill", "brevo first_fill", "nothing one_way"}},
      {"?-z", {"pipedrive first_fill", "nothing one_way", "pipedrive first_fill"}},
      {"?yy", {"nothing equal", "nothing equal", "nothing equal"}},
      {"?yz", {"conflict", "brevo one_way", "pipedrive one_way"}},
      {"---", {"nothing equal", "nothing equal", "nothing equal"}},
      {"-y-", {"brevo pipedrive_changed", "brevo pipedrive_changed", "nothing one_way"}},
      {"--z", {"pipedrive brevo_changed", "nothing one_way", "pipedrive brevo_changed"}},
      {"-yy", {"nothing equal", "nothing equal", "nothing equal"}},
      {"-yz", {"conflict", "brevo one_way", "pipedrive one_way"}},
      {"x--", {"nothing equal", "nothing equal", "nothing equal"}},
      {"x-x", {"brevo pipedrive_changed", "brevo pipedrive_changed", "pipedrive one_way"}},
      {"x-z", {"conflict", "brevo one_way", "pipedrive one_way"}},
      {"xx-", {"pipedrive brevo_changed", "brevo one_way", "pipedrive brevo_changed"}},
      {"xxx", {"nothing equal", "nothing equal", "nothing equal"}},
      {"xxz", {"pipedrive brevo_changed", "brevo one_way", "pipedrive brevo_changed"}},
      {"xy-", {"conflict", "brevo one_way", "pipedrive one_way"}},
      {"xyx", {"brevo pipedrive_changed", "brevo pipedrive_changed", "pipedrive one_way"}},
      {"xyy", {"nothing equal", "nothing equal", "nothing equal"}},
      {"xyz", {"conflict", "brevo one_way", "pipedrive one_way"}},
  };
  return table;
}

std::string Key(const Maybe& base, const Value& wanted, const Value& held) {
  std::string key = !base ? "?" : IsEmpty(*base) ? "-" : "x";
  key += IsEmpty(wanted) ? '-' : base && wanted == *base ? 'x' : 'y';
  key += IsEmpty(held) ? '-' : base && held == *base ? 'x' : held == wanted ? 'y' : 'z';
  return key;
}

const std::string& Cell(const Row& row, Flow flow) {
  return flow == Flow::kBoth ? row.both : flow == Flow::kToBrevo ? row.to_brevo : row.to_pipedrive;
}

// When each side changed, as far as kLatest is told, and whom that makes the winner.
struct Contest {
  Winner winner;
  std::optional<Time> pipedrive;
  std::optional<Time> brevo;
  bool brevo_wins;
};

const std::vector<Contest>& Contests() {
  static const std::vector<Contest> contests = [] {
    const Time early(std::chrono::seconds(1));
    const Time late(std::chrono::seconds(2));
    return std::vector<Contest>{
        {Winner::kPipedrive, early, late, false},
        {Winner::kBrevo, late, early, true},
        {Winner::kLatest, early, late, true},
        {Winner::kLatest, late, early, false},
        {Winner::kLatest, early, early, false},
        {Winner::kLatest, std::nullopt, early, true},
        {Winner::kLatest, late, std::nullopt, false},
        {Winner::kLatest, std::nullopt, std::nullopt, false},
    };
  }();
  return contests;
}

std::string Expected(const FieldState& known, const Maybe& wanted, Flow flow,
                     const Contest& contest) {
  if (!wanted) return "nothing no_opinion";
  const Maybe base = known.unconfirmed ? known.unconfirmed : known.base;
  const Value held = known.unconfirmed ? *known.unconfirmed : known.seen;
  const std::string key = Key(base, *wanted, held);
  std::string expected = Cell(Table().at(key), flow);
  if (expected == "nothing equal" && known.unconfirmed) return "nothing unconfirmed";
  if (expected == "conflict") {
    expected = contest.brevo_wins ? "pipedrive conflict_brevo" : "brevo conflict_pipedrive";
  }
  const bool refused = known.refused && *known.refused == *wanted;
  const bool brevo_moved = base && held != *base;
  if (refused && expected.starts_with("brevo")) return "nothing refused";
  if (refused && expected.starts_with("pipedrive") && !brevo_moved) return "nothing refused";
  return expected;
}

std::string Describe(const MergeDecision& decision) {
  const char* const write = decision.write == Write::kNothing ? "nothing "
                            : decision.write == Write::kBrevo ? "brevo "
                                                              : "pipedrive ";
  return write + std::string(MergeReasonName(decision.reason));
}

void Check(const FieldState& known, const Maybe& wanted, Flow flow, const Contest& contest) {
  const MergeDecision decision =
      MergeExactly({&known, wanted, flow, contest.winner, contest.pipedrive, contest.brevo});
  ASSERT_EQ(Describe(decision), Expected(known, wanted, flow, contest))
      << "base " << (known.base ? ToText(*known.base) : "none") << " seen " << ToText(known.seen)
      << " wanted " << (wanted ? ToText(*wanted) : "none") << " unconfirmed "
      << (known.unconfirmed ? ToText(*known.unconfirmed) : "none") << " refused "
      << (known.refused ? ToText(*known.refused) : "none") << " flow " << static_cast<int>(flow);
  const Value held = known.unconfirmed ? *known.unconfirmed : known.seen;
  if (decision.write == Write::kBrevo) {
    ASSERT_EQ(decision.value, *wanted);
  }
  if (decision.write == Write::kPipedrive) {
    ASSERT_EQ(decision.value, held);
  }
  const bool never_merged = !known.base && !known.unconfirmed;
  ASSERT_FALSE(decision.write != Write::kNothing && never_merged && IsEmpty(decision.value));
}

TEST(MergeTable, EveryCombination) {
  const std::vector<Maybe> values = {Text(""), Text("x"), Text("y"), Text("z")};
  std::vector<Maybe> or_none = values;
  or_none.push_back(std::nullopt);
  size_t combinations = 0;
  for (const Maybe& base : {Maybe(), Maybe(Text("")), Maybe(Text("x"))}) {
    for (const Maybe& seen : values) {
      for (const Maybe& wanted : or_none) {
        for (const Maybe& unconfirmed : or_none) {
          for (const Maybe& refused : or_none) {
            for (const Flow flow : {Flow::kToBrevo, Flow::kBoth, Flow::kToPipedrive}) {
              for (const Contest& contest : Contests()) {
                Check({"A", *seen, base, unconfirmed, refused}, wanted, flow, contest);
                ++combinations;
              }
            }
          }
        }
      }
    }
  }
  EXPECT_EQ(combinations, 3u * 4 * 5 * 5 * 5 * 3 * 8);
}

TEST(MergeTable, NothingKnownIsAsAllEmpty) {
  const FieldState empty;
  for (const Value& wanted : {Text(""), Text("x")}) {
    for (const Flow flow : {Flow::kToBrevo, Flow::kBoth, Flow::kToPipedrive}) {
      EXPECT_EQ(Describe(MergeExactly({nullptr, wanted, flow, {}, {}, {}})),
                Describe(MergeExactly({&empty, wanted, flow, {}, {}, {}})));
    }
  }
}

TEST(MergeTable, AsksTheAttributeWhatIsTheSame) {
  const Same by_length = [](const Value& a, const Value& b) {
    return ToText(a).size() == ToText(b).size();
  };
  const FieldState known{"A", Text("abc"), Text("xyz"), {}, {}};
  EXPECT_EQ(Describe(Merge({&known, Text("123"), Flow::kBoth, {}, {}, {}}, by_length)),
            "nothing equal");
}

TEST(MergeTable, EmptyIsOneThing) {
  const FieldState known{"A", Value(std::string()), std::nullopt, {}, {}};
  EXPECT_EQ(Describe(MergeExactly({&known, Value(), Flow::kBoth, {}, {}, {}})), "nothing equal");
}

// Mirrored sides and policy give the mirrored decision.
TEST(MergeTable, ConflictIsSymmetric) {
  const std::vector<Value> values = {Text(""), Text("x"), Text("y"), Text("z")};
  const Time early(std::chrono::seconds(1));
  const Time late(std::chrono::seconds(2));
  for (const Maybe& base : {Maybe(), Maybe(Text("")), Maybe(Text("x"))}) {
    for (const Value& a : values) {
      for (const Value& b : values) {
        for (const bool a_wins : {true, false}) {
          const FieldState holds_b{"A", b, base, {}, {}};
          const FieldState holds_a{"A", a, base, {}, {}};
          const auto one = MergeExactly(
              {&holds_b, a, Flow::kBoth, a_wins ? Winner::kPipedrive : Winner::kBrevo, {}, {}});
          const auto other = MergeExactly(
              {&holds_a, b, Flow::kBoth, a_wins ? Winner::kBrevo : Winner::kPipedrive, {}, {}});
          const auto latest = MergeExactly({&holds_a, b, Flow::kBoth, Winner::kLatest,
                                            a_wins ? early : late, a_wins ? late : early});
          EXPECT_EQ(one.write == Write::kBrevo, other.write == Write::kPipedrive);
          EXPECT_EQ(one.write == Write::kNothing, other.write == Write::kNothing);
          EXPECT_EQ(one.value, other.value);
          EXPECT_EQ(latest.write, other.write);
        }
      }
    }
  }
}

}  // namespace
}  // namespace connector::reconcile
