// The report on pipelines against a direct computation from the sandbox's own records.

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "integration/harness.h"
#include "integration/look.h"

namespace connector::integration {
namespace {

const std::map<std::string, std::string> kByHand = {
    {"person_mapping:",
     "deal_stage_mapping: {1: 61, 3: 62, won: 63}\n"
     "sync_options: {deals: {incremental: {interval: off}, full: {interval: off}}}\n"
     "person_mapping:"}};

json DealsOf(World& world) {
  return HttpGet(world.sandbox() + "/sandbox/pipedrive/deals").Json()["deals"];
}

std::string Text(const json& object, const char* name) {
  return object.contains(name) && object[name].is_string() ? object[name].get<std::string>() : "";
}

using Cents = std::map<std::string, int64_t>;  // by currency

void AddCents(Cents& sums, const json& deal, double share = 1) {
  const double value = deal["value"].is_number() ? deal["value"].get<double>() : 0;
  sums[Text(deal, "currency")] += std::llround(value * 100 * share);
}

Cents CentsOf(const json& values) {
  Cents sums;
  for (const json& money : values) {
    sums[Text(money, "currency")] = std::llround(std::stod(Text(money, "amount")) * 100);
  }
  return sums;
}

struct Stage {
  int64_t pipeline = 0;
  int64_t order = 0;
  double probability = 100;
};

std::map<int64_t, Stage> StagesOf(World& world) {
  std::map<int64_t, Stage> stages;
  for (const json& line : world.Run({"stages", "--json"}).Objects()) {
    const json& list = line.contains("stages") ? line["stages"] : json::array({line});
    for (const json& stage : list) {
      Stage& known = stages[Number(stage, "id")];
      known.pipeline = Number(stage, "pipeline_id");
      known.order = Number(stage, "order");
      if (stage.contains("probability") && stage["probability"].is_number()) {
        known.probability = stage["probability"].get<double>();
      }
    }
  }
  return stages;
}

struct Expected {
  int64_t open = 0, entered = 0, advanced = 0;
  Cents values, weighted;
};

// The ways of all deals: where each was seen, and since when it was there.
using Ways = std::map<int64_t, std::vector<std::pair<int64_t, std::string>>>;

void See(const json& deals, Ways& ways) {
  for (const json& deal : deals) {
    auto& way = ways[deal["id"].get<int64_t>()];
    const int64_t stage = deal["stage_id"].get<int64_t>();
    if (!way.empty() && way.back().first == stage) continue;
    const std::string changed = Text(deal, "stage_change_time");
    way.emplace_back(stage, changed.empty() ? Text(deal, "add_time") : changed);
  }
}

std::map<int64_t, Expected> Compute(const json& deals, const std::map<int64_t, Stage>& stages,
                                    const Ways& ways) {
  std::map<int64_t, Expected> all;
  for (const json& deal : deals) {
    const std::string status = Text(deal, "status");
    if (status == "deleted" || deal.value("is_deleted", false)) continue;
    const int64_t stage = deal["stage_id"].get<int64_t>();
    if (status == "open") {
      ++all[stage].open;
      AddCents(all[stage].values, deal);
      const json& own = deal["probability"];
      const double percent = own.is_number() ? own.get<double>() : stages.at(stage).probability;
      AddCents(all[stage].weighted, deal, percent / 100);
    }
    const auto& way = ways.at(deal["id"].get<int64_t>());
    std::set<int64_t> entered;
    for (size_t i = 0; i < way.size(); ++i) {
      if (!entered.insert(way[i].first).second) continue;
      ++all[way[i].first].entered;
      const Stage& here = stages.at(way[i].first);
      bool on = status == "won" && Text(deal, "won_time") >= way[i].second;
      for (size_t j = i + 1; j < way.size(); ++j) {
        const Stage& later = stages.at(way[j].first);
        on |= later.pipeline == here.pipeline && later.order > here.order;
      }
      all[way[i].first].advanced += on;
    }
  }
  return all;
}

// Rounding is to a cent for each sum here and for each deal there.
void ExpectNear(const Cents& actual, const Cents& expected, int64_t slack,
                const std::string& where) {
  for (const auto& [currency, cents] : expected) {
    const auto found = actual.find(currency);
    ASSERT_NE(found, actual.end()) << where << currency;
    EXPECT_NEAR(static_cast<double>(found->second), static_cast<double>(cents),
                static_cast<double>(slack))
        << where << " " << currency;
  }
  EXPECT_EQ(actual.size(), expected.size()) << where;
}

json ReportOf(World& world, std::vector<std::string> flags = {},
              const std::string& to = "2100-01-01") {
  std::vector<std::string> arguments = {"report",     "pipeline", "--json", "--from",
                                        "2000-01-01", "--to",     to};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  const CommandResult result = world.Run(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.output;
  const std::vector<json> lines = result.Objects();
  return lines.empty() ? json::object() : lines.front().at("report");
}

void ExpectStages(const json& report, const std::map<int64_t, Expected>& expected) {
  int64_t open = 0;
  for (const json& pipeline : report.at("pipelines")) {
    for (const json& stage : pipeline.at("stages")) {
      const int64_t id = Number(stage, "stage_id");
      const auto found = expected.find(id);
      const Expected wanted = found == expected.end() ? Expected{} : found->second;
      const std::string where = "stage " + std::to_string(id);
      EXPECT_EQ(Number(stage, "open_count"), wanted.open) << where;
      ExpectNear(CentsOf(stage.at("open_values")), wanted.values, 0, where + " open");
      ExpectNear(CentsOf(stage.at("weighted_values")), wanted.weighted, wanted.open + 100,
                 where + " weighted");
      EXPECT_EQ(Number(stage, "entered"), wanted.entered) << where;
      EXPECT_EQ(Number(stage, "advanced"), wanted.advanced) << where;
      open += Number(stage, "open_count");
    }
  }
  EXPECT_GT(open, 100) << "nothing was compared";
}

void ExpectOutcomes(const json& report, const json& deals) {
  std::map<int64_t, std::map<std::string, std::pair<int64_t, Cents>>> outcomes;
  for (const json& deal : deals) {
    const std::string status = Text(deal, "status");
    if (status != "won" && status != "lost") continue;
    auto& outcome = outcomes[deal["pipeline_id"].get<int64_t>()][status];
    ++outcome.first;
    AddCents(outcome.second, deal);
  }
  for (const json& pipeline : report.at("pipelines")) {
    auto& wanted = outcomes[Number(pipeline, "pipeline_id")];
    for (const char* status : {"won", "lost"}) {
      EXPECT_EQ(Number(pipeline.at(status), "count"), wanted[status].first) << status;
      ExpectNear(CentsOf(pipeline.at(status).at("values")), wanted[status].second, 0, status);
    }
    const auto closed = wanted["won"].first + wanted["lost"].first;
    if (closed > 0) {
      EXPECT_NEAR(pipeline.at("win_rate").get<double>(),
                  static_cast<double>(wanted["won"].first) / static_cast<double>(closed), 1e-9);
    }
  }
}

int64_t OpenIn(const json& figures) {
  int64_t open = 0;
  for (const json& stage : figures.at("stages")) open += Number(stage, "open_count");
  return open;
}

// Every deal is in exactly one group.
void ExpectGroupsAddUp(const json& report) {
  for (const json& pipeline : report.at("pipelines")) {
    int64_t open = 0;
    int64_t won = 0;
    for (const json& group : pipeline.at("groups")) {
      EXPECT_FALSE(Text(group, "group").empty());
      open += OpenIn(group);
      won += Number(group.at("won"), "count");
    }
    EXPECT_EQ(open, OpenIn(pipeline));
    EXPECT_EQ(won, Number(pipeline.at("won"), "count"));
  }
}

TEST(Report, EqualsADirectComputation) {
  World world({.persons = 600, .config_edits = kByHand});
  world.StartService();
  const CommandResult early = world.Run({"report", "pipeline"});
  EXPECT_EQ(early.exit_code, 1);
  EXPECT_NE(early.output.find("run sync deals"), std::string::npos) << early.output;

  ExpectSucceeded(world.Sync());
  const std::map<int64_t, Stage> stages = StagesOf(world);
  ASSERT_GT(stages.size(), 3u);
  Ways ways;
  const json first = DealsOf(world);
  See(first, ways);
  ExpectStages(ReportOf(world), Compute(first, stages, ways));
  ExpectOutcomes(ReportOf(world), first);

  // Some deals move on, some go back, some are won.
  int edited = 0;
  for (const json& deal : first) {
    if (Text(deal, "status") != "open" || ++edited % 3 == 0) continue;
    const Stage& from = stages.at(deal["stage_id"].get<int64_t>());
    json change = {{"status", "won"}};
    for (const auto& [id, stage] : stages) {
      const int64_t step = edited % 3 == 1 ? 1 : -1;
      if (stage.pipeline == from.pipeline && stage.order == from.order + step) {
        change = {{"stage_id", id}};
      }
    }
    HttpSend(
        "POST",
        world.sandbox() + "/sandbox/pipedrive/deals/" + std::to_string(deal["id"].get<int64_t>()),
        change);
  }
  ASSERT_GT(edited, 50);
  ExpectSucceeded(world.Sync({}, "deals"));
  const json second = DealsOf(world);
  See(second, ways);
  world.ResetStats();
  const json report = ReportOf(world);
  ExpectStages(report, Compute(second, stages, ways));
  ExpectOutcomes(report, second);
  EXPECT_FALSE(Text(report, "observed_since").empty());
  EXPECT_FALSE(Text(report, "data_as_of").empty());
  bool any_stay = false;
  for (const json& pipeline : report.at("pipelines")) {
    for (const json& stage : pipeline.at("stages")) any_stay |= stage.contains("mean_days");
  }
  EXPECT_TRUE(any_stay);
  const json stats = world.Stats();
  EXPECT_EQ(Calls(stats, "pipedrive") + Calls(stats, "brevo"), 0) << "from local tables";
}

TEST(Report, SplitsNarrowsAndPrints) {
  World world({.persons = 400, .config_edits = kByHand});
  world.StartService();
  ExpectSucceeded(world.Sync());
  ExpectSucceeded(world.Sync({"--full"}));
  ExpectSucceeded(world.Sync({}, "leads"));
  const json by_field = ReportOf(world, {"--by-person-field", "Lead Source"});
  ExpectGroupsAddUp(by_field);
  EXPECT_GT(by_field.at("pipelines").at(0).at("groups").size(), 1u);
  ExpectGroupsAddUp(ReportOf(world, {"--by-lead-source"}));
  ExpectGroupsAddUp(ReportOf(world, {"--by-list", "60"}));

  const json one = ReportOf(world, {"--pipeline", "1"});
  ASSERT_EQ(one.at("pipelines").size(), 1u);
  const json none = ReportOf(world, {}, "2000-01-02");
  EXPECT_EQ(Number(none.at("pipelines").at(0).at("won"), "count"), 0);

  const CommandResult table = world.Run({"report", "pipeline"});
  EXPECT_EQ(table.exit_code, 0);
  EXPECT_NE(table.output.find("CONVERSION"), std::string::npos) << table.output;
  const CommandResult chart = world.Run({"report", "pipeline", "--chart"});
  EXPECT_NE(chart.output.find("###"), std::string::npos) << chart.output;
  const CommandResult csv = world.Run({"report", "pipeline", "--csv"});
  EXPECT_EQ(csv.output.rfind("pipeline_id,pipeline,group,stage_id,stage,figure,currency,value\n"),
            0u)
      << csv.output;
  EXPECT_NE(csv.output.find(",open_value,EUR,"), std::string::npos) << csv.output;

  EXPECT_EQ(world.Run({"report", "pipeline", "--pipeline", "999"}).exit_code, 1);
  EXPECT_EQ(world.Run({"report", "pipeline", "--from", "yesterday"}).exit_code, 1);
  EXPECT_EQ(world.Run({"report", "pipeline", "--by-person-field", "No Such Field"}).exit_code, 1);
}

}  // namespace
}  // namespace connector::integration
