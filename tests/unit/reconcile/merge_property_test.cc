// Random histories of one two-way field: both sides are edited, Brevo takes some values and
// silently drops others, echoes come late or not at all.

#include <cstdlib>
#include <random>
#include <string>

#include "gtest/gtest.h"
#include "reconcile/merge.h"
#include "values.h"

namespace connector::reconcile {
namespace {

using Write = MergeDecision::Write;

uint64_t Seed() {
  const char* const text = std::getenv("CONNECTOR_TEST_SEED");
  return text ? std::strtoull(text, nullptr, 10) : 20261124;
}

// Values beginning with "bad" never take.
struct World {
  Value pipedrive;
  Value brevo;
  ContactState state;
  Flow flow = Flow::kBoth;
  Winner winner = Winner::kPipedrive;
  int64_t tick = 0;
  Time pipedrive_changed{};
  Time brevo_changed{};

  void EditPipedrive(const Value& value) {
    pipedrive = value;
    pipedrive_changed = Time(std::chrono::seconds(++tick));
  }
  void EditBrevo(const Value& value) {
    brevo = value;
    brevo_changed = Time(std::chrono::seconds(++tick));
  }
  void Look() { Observe(state, Contact(), {{"A", brevo, &ExactlySame()}}); }

  // One convergence from the stored state; true if it wrote anything.
  bool Converge() {
    FieldState& field = EnsureField(state, "A");
    const bool never_merged = !field.base && !field.unconfirmed;
    const MergeDecision decision =
        MergeExactly({&field, pipedrive, flow, winner, pipedrive_changed, brevo_changed});
    EXPECT_FALSE(decision.write != Write::kNothing && never_merged && IsEmpty(decision.value))
        << "cleared at first sight";
    if (decision.write == Write::kNothing) {
      Agree(field, pipedrive, ExactlySame());
      return false;
    }
    if (decision.write == Write::kPipedrive) {
      pipedrive = decision.value;
      Agree(field, pipedrive, ExactlySame());
      return true;
    }
    ContactWrite write;
    write.attributes = {{"A", decision.value}};
    ApplyWrite(state, write);
    if (!ToText(decision.value).starts_with("bad")) brevo = decision.value;
    return true;
  }

  bool Refused() const {
    const FieldState* const field = FindField(state, "A");
    return field && field->refused.has_value();
  }
};

class MergeProperty : public ::testing::Test {
 protected:
  Value AnyValue() {
    static constexpr const char* kValues[] = {"", "a", "b", "c", "bad1", "bad2"};
    return Text(kValues[Below(6)]);
  }
  Value GoodValue() {
    static constexpr const char* kValues[] = {"", "a", "b", "c"};
    return Text(kValues[Below(4)]);
  }
  uint64_t Below(uint64_t bound) { return engine_() % bound; }

  World AnyWorld() {
    World world;
    world.flow = static_cast<Flow>(Below(3));
    world.winner = static_cast<Winner>(Below(3));
    world.EditPipedrive(AnyValue());
    world.EditBrevo(GoodValue());
    return world;
  }

  void AnyStep(World& world) {
    switch (Below(5)) {
      case 0:
        world.EditPipedrive(AnyValue());
        break;
      case 1:
        world.EditBrevo(GoodValue());
        break;
      case 2:
        world.Converge();
        break;
      default:
        world.Look();
        world.Converge();
        break;
    }
  }

  const uint64_t seed_ = Seed();
  std::mt19937_64 engine_{seed_};
};

TEST_F(MergeProperty, ComesToRestAndThenWritesNothing) {
  SCOPED_TRACE("CONNECTOR_TEST_SEED=" + std::to_string(seed_));
  for (int history = 0; history < 20000; ++history) {
    World world = AnyWorld();
    for (uint64_t step = Below(12); step > 0; --step) AnyStep(world);
    int writes = 0;
    for (int round = 0; round < 4; ++round) {
      world.Look();
      writes += world.Converge() ? 1 : 0;
    }
    ASSERT_LE(writes, 2) << "history " << history;
    const World before = world;
    for (int round = 0; round < 3; ++round) {
      world.Look();
      ASSERT_FALSE(world.Converge()) << "history " << history;
    }
    ASSERT_EQ(world.state, before.state) << "history " << history;
    if (world.flow == Flow::kBoth && !world.Refused()) {
      ASSERT_EQ(ToText(world.pipedrive), ToText(world.brevo)) << "history " << history;
    }
  }
}

TEST_F(MergeProperty, ARefusedValueNeverFlowsBack) {
  SCOPED_TRACE("CONNECTOR_TEST_SEED=" + std::to_string(seed_));
  for (int history = 0; history < 20000; ++history) {
    World world = AnyWorld();
    for (uint64_t step = Below(8); step > 0; --step) AnyStep(world);
    for (int round = 0; round < 4; ++round) {
      world.Look();
      world.Converge();
    }
    if (world.flow != Flow::kBoth) continue;
    const Value bad = Text("bad3");
    world.EditPipedrive(bad);
    for (int round = 0; round < 4; ++round) {
      world.Look();
      world.Converge();
      // Even if the write made Brevo say that the contact was modified just now.
      world.brevo_changed = Time(std::chrono::seconds(++world.tick));
    }
    ASSERT_EQ(world.pipedrive, bad) << "history " << history;
    ASSERT_TRUE(world.Refused()) << "history " << history;
  }
}

TEST_F(MergeProperty, AnEchoCausesNoWrite) {
  SCOPED_TRACE("CONNECTOR_TEST_SEED=" + std::to_string(seed_));
  for (int history = 0; history < 20000; ++history) {
    World world = AnyWorld();
    world.EditPipedrive(GoodValue());
    for (uint64_t step = Below(6); step > 0; --step) AnyStep(world);
    world.EditPipedrive(GoodValue());
    world.Look();
    const bool wrote = world.Converge();
    ASSERT_FALSE(world.Converge()) << "before the echo, history " << history;
    if (!wrote) continue;
    world.Look();
    ASSERT_FALSE(world.Converge()) << "after the echo, history " << history;
  }
}

}  // namespace
}  // namespace connector::reconcile
