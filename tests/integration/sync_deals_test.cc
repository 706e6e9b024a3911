// Deals through the real binaries: counts, revenue and lists, and what they cost.

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "integration/harness.h"
#include "integration/look.h"

namespace connector::integration {
namespace {

const std::map<std::string, std::string> kStageMapping = {
    {"person_mapping:",
     "deal_stage_mapping: {1: 61, 2: 61, 3: 62, 4: 62, 2/5: 64, won: 63, lost: 64}\n"
     "sync_options: {deals: {incremental: {interval: off}, full: {interval: off}}}\n"
     "person_mapping:"}};

json DealsOf(World& world) {
  return HttpGet(world.sandbox() + "/sandbox/pipedrive/deals").Json()["deals"];
}

struct Totals {
  int64_t won = 0, lost = 0, open = 0;
  int64_t cents = 0;
};

// What each person's deals come to, computed from the sandbox's own records.
std::map<int64_t, Totals> TotalsByPerson(World& world) {
  std::map<int64_t, Totals> totals;
  for (const json& deal : DealsOf(world)) {
    if (!deal["person_id"].is_number()) continue;
    Totals& own = totals[deal["person_id"].get<int64_t>()];
    const std::string status = deal["status"];
    own.open += status == "open";
    own.lost += status == "lost";
    own.won += status == "won";
    if (status == "won" && deal["currency"] == "EUR") {
      own.cents += std::llround(deal["value"].get<double>() * 100);
    }
  }
  return totals;
}

// How many contacts were compared: those made for a person, whose id is in their EXT_ID.
int CompareWithSource(World& world) {
  std::map<int64_t, Totals> totals = TotalsByPerson(world);
  int compared = 0;
  const json state = json::parse(world.State());
  for (const json& contact : state["contacts"]) {
    const json& attributes = contact["attributes"];
    const std::string ext_id = attributes.value("EXT_ID", "");
    if (!ext_id.starts_with("pd-")) continue;
    const Totals& own = totals[std::stoll(ext_id.substr(ext_id.rfind('-') + 1))];
    ++compared;
    EXPECT_EQ(attributes.value("WON_DEALS", -1), own.won) << contact.dump();
    EXPECT_EQ(attributes.value("LOST_DEALS", -1), own.lost) << contact.dump();
    EXPECT_EQ(attributes.value("OPEN_DEALS", -1), own.open) << contact.dump();
    EXPECT_EQ(attributes.value("CLOSED_DEALS", -1), own.won + own.lost) << contact.dump();
    EXPECT_EQ(std::llround(attributes.value("LTV", -1.0) * 100), own.cents) << contact.dump();
    if (::testing::Test::HasFailure()) break;
  }
  return compared;
}

class Scene {
 public:
  explicit Scene(World& world) : world_(world) {}

  int64_t AddPerson(const std::string& email) {
    return Post("persons",
                {{"name", "Ann " + email}, {"emails", {{{"value", email}, {"primary", true}}}}});
  }
  int64_t AddDeal(int64_t person, json more = json::object()) {
    more.update({{"title", "D"}, {"person_id", person}, {"value", 10}, {"currency", "EUR"}});
    return Post("deals", more);
  }
  void EditDeal(int64_t deal, const json& body) { Post("deals/" + std::to_string(deal), body); }
  void DeleteDeal(int64_t deal) {
    HttpSend("DELETE", world_.sandbox() + "/sandbox/pipedrive/deals/" + std::to_string(deal), {});
  }
  // Lists of a contact beside the one everybody is on.
  std::set<int64_t> Lists(const std::string& email) {
    const json state = json::parse(world_.State());
    for (const json& contact : state["contacts"]) {
      if (contact["email"] != email) continue;
      std::set<int64_t> lists = contact["lists"].get<std::set<int64_t>>();
      lists.erase(60);
      return lists;
    }
    return {-1};
  }

 private:
  int64_t Post(const std::string& path, const json& body) {
    const HttpResult result =
        HttpSend("POST", world_.sandbox() + "/sandbox/pipedrive/" + path, body);
    EXPECT_EQ(result.status, 200) << path << result.body;
    return result.Json().value("id", int64_t{0});
  }

  World& world_;
};

TEST(SyncDeals, CountsAndRevenueEqualADirectComputation) {
  for (const char* version : {"v2", "v1"}) {
    World world({.persons = 600, .config_edits = kStageMapping, .api_version = version});
    world.StartService();
    ExpectSucceeded(world.Sync());
    ExpectWellBehaved(world.Stats());
    EXPECT_GT(CompareWithSource(world), 200) << version;

    Scene scene(world);
    const json deals = DealsOf(world);
    for (size_t i = 0; i < deals.size(); i += 5) {
      const int64_t id = deals[i]["id"];
      if (i % 3 == 0) scene.EditDeal(id, {{"status", "won"}, {"value", 1234.56}});
      if (i % 3 == 1) scene.EditDeal(id, {{"status", "lost"}});
      if (i % 3 == 2) scene.DeleteDeal(id);
    }
    ExpectSucceeded(world.Sync({}, "deals"));
    EXPECT_GT(CompareWithSource(world), 200) << version;
    const std::string state = world.State();
    const int64_t writes = Writes(world.Stats());
    ExpectSucceeded(world.Sync({"--full"}, "deals"));
    EXPECT_EQ(FirstDifference(world.State(), state), "");
    EXPECT_EQ(Writes(world.Stats()), writes) << "what is right already costs no write";
  }
}

TEST(SyncDeals, ADealsLifeMovesItsContactByOnePutEach) {
  World world(
      {.persons = 50, .organizations = 5, .existing_contacts = 5, .config_edits = kStageMapping});
  Scene scene(world);
  const int64_t ann = scene.AddPerson("ann@deals.example");
  const int64_t bob = scene.AddPerson("bob@deals.example");
  const int64_t deal = scene.AddDeal(ann, {{"stage_id", 1}});
  world.StartService();
  ExpectSucceeded(world.Sync());
  EXPECT_EQ(scene.Lists("ann@deals.example"), (std::set<int64_t>{61}));
  int64_t second = 0;
  struct Step {
    const char* what;
    std::function<void()> change;
    std::set<int64_t> ann;
    int64_t puts;
    std::set<int64_t> bob = {};
  };
  const auto edit = [&](const json& body) { return [&, body] { scene.EditDeal(deal, body); }; };
  const std::vector<Step> steps = {
      {"next stage", edit({{"stage_id", 3}}), {62}, 1},
      {"a stage of the same list", edit({{"stage_id", 4}}), {62}, 0},
      {"another pipeline", edit({{"stage_id", 5}}), {64}, 1},
      {"won", edit({{"status", "won"}}), {62, 63}, 1},
      {"archived", edit({{"is_archived", true}}), {62, 63}, 0},
      {"a second one lost",
       [&] {
         second = scene.AddDeal(ann, {{"stage_id", 2}, {"status", "lost"}});
       },
       {62, 63, 64},
       1},
      {"which is reopened",
       [&] {
         scene.EditDeal(second, {{"status", "open"}});
       },
       {61, 62, 63},
       1},
      {"and given to Bob",
       [&] {
         scene.EditDeal(second, {{"person_id", bob}});
       },
       {62, 63},
       2,
       {61}},
      {"and deleted", [&] { scene.DeleteDeal(second); }, {62, 63}, 1},
  };
  for (const Step& step : steps) {
    HttpSend("POST", world.sandbox() + "/sandbox/advance", {{"seconds", 600}});
    step.change();
    world.ResetStats();
    ExpectSucceeded(world.Sync({}, "deals"));
    EXPECT_EQ(scene.Lists("ann@deals.example"), step.ann) << step.what;
    EXPECT_EQ(scene.Lists("bob@deals.example"), step.bob) << step.what;
    const json stats = world.Stats();
    // The counts of an attribute may change where no list does.
    EXPECT_LE(Writes(stats), std::max<int64_t>(step.puts, 1)) << step.what << stats.dump(2);
    EXPECT_GE(Writes(stats), step.puts) << step.what;
    EXPECT_LE(Calls(stats, "pipedrive"), 3) << step.what;
  }
}

TEST(MapStage, MovesTheContactOfADealAtOnceAndSaysWhy) {
  World world(
      {.persons = 50, .organizations = 5, .existing_contacts = 5, .config_edits = kStageMapping});
  Scene scene(world);
  const int64_t deal = scene.AddDeal(scene.AddPerson("ann@deals.example"), {{"stage_id", 1}});
  world.StartService();
  ExpectSucceeded(world.Sync());
  scene.EditDeal(deal, {{"stage_id", 3}});
  const auto map = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"map-stage", std::to_string(deal), "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const CommandResult result = world.Run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.output;
    const auto objects = result.Objects();
    return objects.empty() ? json::object() : objects.back();
  };
  const json dry = map({"--dry-run"});
  EXPECT_EQ(scene.Lists("ann@deals.example"), (std::set<int64_t>{61}));
  world.ResetStats();
  const json done = map({});
  EXPECT_EQ(scene.Lists("ann@deals.example"), (std::set<int64_t>{62}));
  EXPECT_EQ(done["lists_joined"], dry["lists_joined"]);
  EXPECT_EQ(Number(done["lists_joined"][0], "list_id"), 62) << done.dump(2);
  EXPECT_EQ(Number(done["lists_left"][0], "list_id"), 61) << done.dump(2);
  EXPECT_EQ(done.value("applied", false), true);
  const json stats = world.Stats();
  EXPECT_EQ(Calls(stats, "pipedrive"), 1) << "the deal is read again";
  EXPECT_EQ(Calls(stats, "brevo"), 1) << "one write joins and leaves";
  EXPECT_EQ(map({}).value("applied", false), false);
  EXPECT_EQ(Writes(world.Stats()), 1) << "asked again it changes nothing";
}

}  // namespace
}  // namespace connector::integration
