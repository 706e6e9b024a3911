// What the command line says of single contacts and of both accounts as a whole.

#include <gtest/gtest.h>

#include "integration/harness.h"
#include "integration/look.h"

namespace connector::integration {
namespace {

const json* PartOf(const std::vector<json>& parts, int64_t list) {
  for (const json& one : parts) {
    if (Number(one.at("part"), "list_id") == list) return &one.at("part");
  }
  return nullptr;
}

int64_t CountOf(const json& part, const std::string& kind) {
  for (const json& difference : part.at("differences")) {
    if (difference.value("kind", "") == "RECONCILE_KIND_" + kind)
      return Number(difference, "count");
  }
  return 0;
}

TEST(Explain, APersonIsExplainedWithoutACall) {
  World world({.persons = 200, .organizations = 20, .existing_contacts = 10});
  world.StartService();
  const CommandResult early = world.Run({"explain", "person", "1", "--json"});
  EXPECT_EQ(early.exit_code, 1) << "nothing is known yet: " << early.output;
  ExpectSucceeded(world.Sync());
  ExpectSucceeded(world.Sync({"--full"}));
  world.ResetStats();
  const CommandResult told = world.Run({"explain", "person", "1", "--json"});
  ASSERT_EQ(told.exit_code, 0) << told.output;
  const json explanation = told.Objects().front().at("explanation");
  EXPECT_NE(Number(explanation, "contact_id"), 0);
  EXPECT_FALSE(explanation.at("fields").empty());
  ASSERT_FALSE(explanation.at("lists").empty());
  for (const json& list : explanation.at("lists")) EXPECT_FALSE(list.value("name", "").empty());
  EXPECT_TRUE(!explanation.contains("next") || explanation.at("next").is_null())
      << explanation.dump(2);
  const json quiet = world.Stats();
  EXPECT_EQ(Calls(quiet, "pipedrive") + Calls(quiet, "brevo"), 0);

  const std::string email = explanation.value("email", "");
  const CommandResult by_email = world.Run({"explain", "contact", email, "--refresh", "--json"});
  ASSERT_EQ(by_email.exit_code, 0) << by_email.output;
  EXPECT_EQ(by_email.Objects().front().at("explanation").at("person_ids"),
            explanation.at("person_ids"));
  const json looked = world.Stats();
  EXPECT_LE(Calls(looked, "pipedrive") + Calls(looked, "brevo"), 3);
  EXPECT_GE(Calls(looked, "brevo"), 1);
  ExpectWellBehaved(looked);

  const CommandResult text = world.Run({"explain", "person", "1"});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_NE(text.output.find("next sync: nothing is to be done"), std::string::npos) << text.output;
  EXPECT_EQ(world.Run({"explain", "person", "999999"}).exit_code, 1);
  EXPECT_EQ(world.Run({"explain", "contact", "nobody@nowhere.example"}).exit_code, 1);
}

// Row 57 of the complaints: "count in Pipedrive must equal count in Brevo after a sync".
TEST(Explain, AfterASyncTheReportAccountsForEveryContact) {
  World world({.persons = 300, .organizations = 30, .existing_contacts = 60});
  world.StartService();
  ExpectSucceeded(world.Sync());
  ExpectSucceeded(world.Sync({"--full"}));
  world.ResetStats();
  const CommandResult report = world.Run({"reconcile", "--json"});
  ASSERT_EQ(report.exit_code, 0) << report.output;
  const std::vector<json> parts = report.Objects();
  ASSERT_GE(parts.size(), 2u);
  EXPECT_EQ(Number(parts.front().at("part"), "list_id"), 0) << "the whole comes first";
  for (const json& one : parts) {
    const json& part = one.at("part");
    EXPECT_EQ(CountOf(part, "MISSING"), 0) << part.dump(2);
    EXPECT_EQ(Number(part, "actual"), Number(part, "wanted") - CountOf(part, "WITHHELD") +
                                          CountOf(part, "SURPLUS") + CountOf(part, "FOREIGN"))
        << part.dump(2);
  }
  const json state = json::parse(world.State());
  EXPECT_EQ(Number(*PartOf(parts, 0), "actual"), static_cast<int64_t>(state.at("contacts").size()));
  EXPECT_EQ(Calls(world.Stats(), "brevo"), 0);
  EXPECT_EQ(world.Run({"reconcile", "--list", "999999"}).exit_code, 1);
  EXPECT_NE(world.Run({"reconcile"}).output.find("persons and contacts: "), std::string::npos);
}

}  // namespace
}  // namespace connector::integration
