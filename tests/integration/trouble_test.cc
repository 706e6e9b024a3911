// The fault matrix: what goes wrong x when. Either the run gets through, or it fails with a
// sentence that names the place and the remedy; and once the trouble is over the next run ends in
// the very state that a run without any trouble ends in.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "integration/harness.h"
#include "integration/look.h"

namespace connector::integration {
namespace {

World::Options SmallWorld() { return {.persons = 1200, .organizations = 600, .clock_scale = 60}; }

// Of a run that nothing disturbed; computed once.
const std::string& UndisturbedState() {
  static const std::string state = [] {
    World world(SmallWorld());
    world.StartService();
    ExpectSucceeded(world.Sync());
    return world.State();
  }();
  return state;
}

struct Trouble {
  std::string name;
  json rule;
};

void PrintTo(const Trouble& trouble, std::ostream* out) { *out << trouble.name; }

json Rule(const std::string& api, const std::string& method, const std::string& path,
          const std::string& kind, int count, int skip = 0) {
  return {{"match", {{"api", api}, {"method", method}, {"path_prefix", path}}},
          {"kind", kind},
          {"count", count},
          {"skip", skip}};
}

class FaultMatrix : public testing::TestWithParam<Trouble> {};

TEST_P(FaultMatrix, EndsInTheSameState) {
  const std::string expected = UndisturbedState();
  World world(SmallWorld());
  world.StartService();
  world.Fault(GetParam().rule);
  const json first = world.Sync();
  const std::string state = Progress(first).value("state", "");
  EXPECT_TRUE(state == "RUN_STATE_SUCCEEDED" || state == "RUN_STATE_FAILED") << first.dump(2);
  if (state == "RUN_STATE_FAILED") {
    EXPECT_GT(Progress(first).value("error", "").size(), 20U);
  }
  HttpSend("DELETE", world.sandbox() + "/sandbox/faults", {});
  // An account that was refused rests for a while; then the runs get through.
  AwaitCondition([&] { return world.State() == expected || (world.Sync({"--full"}), false); },
                 std::chrono::seconds(25));
  EXPECT_EQ(FirstDifference(world.State(), expected), "") << "first run: " << first.dump(2);
  EXPECT_EQ(Number(world.Stats(), "duplicates_created"), 0);
}

std::vector<Trouble> Matrix() {
  const std::string persons = "/api/v2/persons";
  const std::string contacts = "/v3/contacts";
  const std::string import = "/v3/contacts/import";
  return {
      {"LatePersonsPage", Rule("pipedrive", "GET", persons, "latency", 2)},
      {"ResetPersonsPage", Rule("pipedrive", "GET", persons, "reset", 2, 1)},
      {"TruncatedPersonsPage", Rule("pipedrive", "GET", persons, "truncate", 2)},
      {"GarbagePersonsPage", Rule("pipedrive", "GET", persons, "garbage", 2, 1)},
      {"NullPersonsPage", Rule("pipedrive", "GET", persons, "200_null", 1, 1)},
      {"BurstLimitOnPersons", Rule("pipedrive", "GET", persons, "429burst", 2)},
      {"ServerErrorOnPersons", Rule("pipedrive", "GET", persons, "503", 2)},
      {"ServerErrorThatStays", Rule("pipedrive", "GET", persons, "500", -1)},
      {"FirewallOnPersons", Rule("pipedrive", "GET", persons, "html403", 1, 1)},
      {"TokenRefusedMidWalk", Rule("pipedrive", "GET", persons, "401", 1, 1)},
      {"CursorExpired", Rule("pipedrive", "GET", persons, "cursor_expired", 1, 1)},
      {"CursorOfOrganizationsExpired",
       Rule("pipedrive", "GET", "/api/v2/organizations", "cursor_expired", 1)},
      {"CursorOfDealsExpired", Rule("pipedrive", "GET", "/api/v2/deals", "cursor_expired", 1)},
      {"ResetOnFields", Rule("pipedrive", "GET", "/api/v2/personFields", "reset", 1)},
      {"GarbageContactsPage", Rule("brevo", "GET", contacts, "garbage", 1)},
      {"ServerErrorOnContacts", Rule("brevo", "GET", contacts, "502", 2)},
      {"KeyRefusedOnContacts", Rule("brevo", "GET", contacts, "401", 1)},
      {"ResetOnImport", Rule("brevo", "POST", import, "reset", 1)},
      {"ImportSentTwiceAfterReset", Rule("brevo", "POST", import, "reset_after_commit", 1)},
      {"ServerErrorAfterImport", Rule("brevo", "POST", import, "500_after_commit", 1)},
      {"BurstLimitOnImport", Rule("brevo", "POST", import, "429burst", 1)},
      {"ImportHalfFails", Rule("brevo", "POST", import, "import_half_fails", 1)},
      {"TruncatedAnswerToImport", Rule("brevo", "POST", import, "truncate", 1)},
      {"GarbageAnswerToImport", Rule("brevo", "POST", import, "garbage", 1)},
      {"NullAnswerToImport", Rule("brevo", "POST", import, "200_null", 1)},
      {"LateImport", Rule("brevo", "POST", import, "latency", 1)},
      {"ServerErrorOnImportThatStays", Rule("brevo", "POST", import, "503", -1)},
      {"ServerErrorOnProcesses", Rule("brevo", "GET", "/v3/processes", "500", 2)},
      {"ResetOnUpdate", Rule("brevo", "PUT", contacts, "reset", 2)},
      {"ResetAfterUpdate", Rule("brevo", "PUT", contacts, "reset_after_commit", 2)},
      {"TruncatedAnswerToUpdate", Rule("brevo", "PUT", contacts, "truncate", 2)},
      {"BurstLimitOnUpdate", Rule("brevo", "PUT", contacts, "429burst", 2)},
      {"ServerErrorAfterUpdate", Rule("brevo", "PUT", contacts, "500_after_commit", 2)},
  };
}

INSTANTIATE_TEST_SUITE_P(Faults, FaultMatrix, testing::ValuesIn(Matrix()),
                         [](const auto& tested) { return tested.param.name; });

TEST(Trouble, ADiskThatIsFullForAWhileLosesNothing) {
  const std::string expected = UndisturbedState();
  World world(SmallWorld());
  world.StartService();
  // No file may grow beyond what the database has when it is new.
  const pid_t pid = world.service().pid();
  struct rlimit before {};
  ASSERT_EQ(prlimit(pid, RLIMIT_FSIZE, nullptr, &before), 0);
  const struct rlimit full = {.rlim_cur = 200'000, .rlim_max = before.rlim_max};
  ASSERT_EQ(prlimit(pid, RLIMIT_FSIZE, &full, nullptr), 0);
  world.Run({"sync", "persons", "--detach"});
  // It has met the wall when it says so.
  ASSERT_TRUE(AwaitCondition([&] {
    return world.service().output().find("\"level\":\"error\"") != std::string::npos ||
           world.service().output().find("disk") != std::string::npos;
  })) << world.service().output();
  EXPECT_TRUE(world.service().running());
  ASSERT_EQ(prlimit(pid, RLIMIT_FSIZE, &before, nullptr), 0);
  AwaitCondition([&] { return world.State() == expected || (world.Sync({"--full"}), false); },
                 std::chrono::seconds(25));
  EXPECT_EQ(FirstDifference(world.State(), expected), "");
  EXPECT_EQ(Number(world.Stats(), "duplicates_created"), 0);
}

// A setting that is wrong, and what the error must name.
struct Mistake {
  std::string name;
  std::map<std::string, std::string> edits;
  std::string named;
};

void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.name; }

class Mistakes : public testing::TestWithParam<Mistake> {};

TEST_P(Mistakes, AreNamedWithPlaceAndRemedy) {
  World::Options options = SmallWorld();
  options.persons = 100;
  options.config_edits = GetParam().edits;
  World world(options);
  world.StartService();
  const json run = world.Sync();
  const std::string told =
      Progress(run).value("error", "") + Progress(run).value("warnings", json::array()).dump();
  EXPECT_NE(told.find(GetParam().named), std::string::npos) << run.dump(2);
  const CommandResult check = world.Run({"check", "--live", "--config", world.config_file()});
  EXPECT_NE(check.output.find(GetParam().named), std::string::npos) << check.output;
}

INSTANTIATE_TEST_SUITE_P(
    Settings, Mistakes,
    testing::Values(
        Mistake{"WrongToken",
                {{"sandbox-pipedrive-token", "wrong-token"}},
                "connectors.pipedrive.api_token"},
        Mistake{"WrongKey", {{"sandbox-brevo-key", "wrong-key"}}, "connectors.brevo.api_key"},
        Mistake{"UnknownCustomField",
                {{"custom_fields.industry", "custom_fields.industrie"}},
                "industrie"},
        Mistake{"MissingAttribute", {{"LEAD_SOURCE", "LEAD_ORIGIN"}}, "LEAD_ORIGIN"},
        Mistake{"UnknownList", {{"all_contacts: 60", "all_contacts: 999"}}, "999"}),
    [](const auto& tested) { return tested.param.name; });

TEST(Trouble, ARefusedCredentialShowsInReadiness) {
  World::Options options = SmallWorld();
  options.config_edits = {{"sandbox-brevo-key", "wrong-key"}};
  World world(options);
  world.StartService();
  EXPECT_EQ(HttpGet(world.admin_url() + "/readyz").status, 200);
  world.Sync();
  const HttpResult ready = HttpGet(world.admin_url() + "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_NE(ready.body.find("connectors.brevo.api_key"), std::string::npos) << ready.body;
  EXPECT_EQ(HttpGet(world.admin_url() + "/healthz").status, 200);
  const std::string metrics = HttpGet(world.admin_url() + "/metrics").body;
  for (const char* line : {"account_refused{api=\"brevo\",connection=\"default\"} 1",
                           "account_refused{api=\"pipedrive\",connection=\"default\"} 0"}) {
    EXPECT_NE(metrics.find(line), std::string::npos) << line;
  }
}

TEST(Trouble, NoSecretIsEverWritten) {
  World world(SmallWorld());
  world.StartService();
  world.Fault(Rule("pipedrive", "GET", "/api/v2/persons", "401", 1));
  world.Sync();
  const std::string seen = world.service().output() + HttpGet(world.admin_url() + "/metrics").body +
                           HttpGet(world.admin_url() + "/readyz").body +
                           world.Run({"failures", "list"}).output;
  EXPECT_EQ(seen.find("sandbox-pipedrive-token"), std::string::npos);
  EXPECT_EQ(seen.find("sandbox-brevo-key"), std::string::npos);
}

}  // namespace
}  // namespace connector::integration
