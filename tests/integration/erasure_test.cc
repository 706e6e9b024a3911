// Erasing and exporting a person through the real binaries.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "integration/harness.h"
#include "integration/look.h"

namespace connector::integration {
namespace {

constexpr char kEmail[] = "erase.me@example.org";
constexpr char kSecretName[] = "Quincy Unmistakable";

class Erasure : public ::testing::Test {
 protected:
  Erasure() : world(Options()) {
    world.StartService();
    id = AddPerson();
    ExpectSucceeded(world.Sync({"--full"}));
    ExpectSucceeded(world.Sync({"--full"}));
    world.Subscribe("pipedrive", "open sesame");
    world.ResetStats();
  }

  static World::Options Options() {
    World::Options options;
    options.persons = 30;
    options.organizations = 5;
    options.existing_contacts = 3;
    options.config_edits = {{"company_domain: \"acme\"",
                             "company_domain: \"acme\"\n    webhook: {user: \"pipedrive\", "
                             "password: \"open sesame\"}"}};
    return options;
  }
  std::string AddPerson() {
    const json made = HttpSend("POST", world.sandbox() + "/sandbox/pipedrive/persons",
                               {{"name", kSecretName},
                                {"first_name", "Quincy"},
                                {"last_name", "Unmistakable"},
                                {"emails", {{{"value", kEmail}, {"primary", true}}}}})
                          .Json();
    return std::to_string(Number(made, "id"));
  }
  bool BrevoHas(const std::string& email) {
    return HttpGet(world.sandbox() + "/sandbox/brevo/contacts/" + email).status == 200;
  }
  CommandResult Erase() { return world.Run({"erase", kEmail, "--confirm", "--json"}); }
  World world;
  std::string id;
};

TEST_F(Erasure, ErasesEverywhereAndNobodyComesBack) {
  EXPECT_NE(world.Run({"erase", kEmail}).exit_code, 0) << "not without --confirm";
  const CommandResult erased = Erase();
  ASSERT_EQ(erased.exit_code, 0) << erased.output;
  const json outcome = erased.Objects().front();
  EXPECT_EQ(outcome.value("store", ""), "ERASURE_OUTCOME_DELETED");
  EXPECT_EQ(outcome.value("pipedrive", ""), "ERASURE_OUTCOME_ANONYMISED");
  EXPECT_EQ(outcome.value("brevo", ""), "ERASURE_OUTCOME_DELETED");
  EXPECT_FALSE(BrevoHas(kEmail));
  EXPECT_EQ(world.Run({"explain", "person", id}).exit_code, 1);
  EXPECT_EQ(Erase().Objects().front().value("audit_id", "-"), outcome.value("audit_id", "+"))
      << "asked again, the same record answers";

  // By a sync of everything.
  const json full = world.Sync({"--full"});
  ExpectSucceeded(full);
  EXPECT_NE(Progress(full).value("skipped", json::array()).dump().find("SKIP_REASON_ERASED"),
            std::string::npos)
      << full.dump(2);
  // By another person with the address, told by webhook.
  AddPerson();
  HttpSend("POST", world.sandbox() + "/sandbox/pipedrive/persons",
           {{"name", "Later"}, {"emails", {{{"value", "later@example.org"}, {"primary", true}}}}});
  EXPECT_TRUE(AwaitCondition([&] { return BrevoHas("later@example.org"); }));
  EXPECT_FALSE(BrevoHas(kEmail));
  ExpectSucceeded(world.Sync());
  ExpectSucceeded(world.Sync({"--full"}));
  EXPECT_FALSE(BrevoHas(kEmail));
  ExpectWellBehaved(world.Stats());
}

TEST_F(Erasure, WhatIsPendingSurvivesAKill) {
  world.Fault({{"match", {{"api", "brevo"}, {"method", "DELETE"}, {"path_prefix", "/v3/contacts"}}},
               {"kind", "503"},
               {"count", -1}});
  const CommandResult erased = world.Run({"erase", kEmail, "--confirm", "--json"});
  if (erased.exit_code == 0) {
    EXPECT_EQ(erased.Objects().front().value("brevo", ""), "ERASURE_OUTCOME_PENDING")
        << erased.output;
  }
  EXPECT_TRUE(BrevoHas(kEmail));
  world.KillService();
  HttpSend("DELETE", world.sandbox() + "/sandbox/faults", {});
  world.StartService();
  EXPECT_EQ(world.Run({"explain", "person", id}).exit_code, 1) << "here it is gone already";
  ExpectSucceeded(world.Sync());
  EXPECT_FALSE(BrevoHas(kEmail));
  const CommandResult again = Erase();
  ASSERT_EQ(again.exit_code, 0) << again.output;
  EXPECT_EQ(again.Objects().front().value("brevo", ""), "ERASURE_OUTCOME_DELETED");
}

TEST_F(Erasure, BeforeItAllThatIsHeldIsExported) {
  const CommandResult exported = world.Run({"export", kEmail, "--json"});
  ASSERT_EQ(exported.exit_code, 0) << exported.output;
  const json all = exported.Objects().front();
  for (const char* place : {"store", "pipedrive", "brevo"}) {
    ASSERT_TRUE(all.contains(place) && all.at(place).is_object()) << place << all.dump(2);
    EXPECT_NE(all.at(place).dump().find("Unmistakable"), std::string::npos) << place;
    EXPECT_NE(all.at(place).dump().find(kEmail), std::string::npos) << place;
  }
  EXPECT_FALSE(all.value("exported_at", "").empty());
  EXPECT_EQ(all.dump().find("sandbox-"), std::string::npos) << "no credential";
  const CommandResult by_person = world.Run({"export", "--person", id, "--json"});
  ASSERT_EQ(by_person.exit_code, 0) << by_person.output;
  EXPECT_EQ(by_person.Objects().front().at("brevo"), all.at("brevo"));
  ExpectWellBehaved(world.Stats());

  ASSERT_EQ(Erase().exit_code, 0);
  const CommandResult after = world.Run({"export", kEmail, "--json"});
  ASSERT_EQ(after.exit_code, 0) << "the audit record is left: " << after.output;
  EXPECT_EQ(after.output.find("Unmistakable"), std::string::npos);
  EXPECT_NE(after.output.find("audit"), std::string::npos);
  EXPECT_EQ(world.Run({"export", "nobody@nowhere.example"}).exit_code, 1);
  EXPECT_NE(world.Run({"export"}).exit_code, 0) << "of whom?";
}

TEST_F(Erasure, SomebodyUnknownIsNotFound) {
  EXPECT_EQ(world.Run({"erase", "nobody@nowhere.example", "--confirm"}).exit_code, 1);
}

}  // namespace
}  // namespace connector::integration
