// Leads through the real binaries: the list of qualified leads and lead attributes.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "integration/harness.h"
#include "integration/look.h"

namespace connector::integration {
namespace {

constexpr int64_t kQualified = 61;

World::Options WithLeads() {
  World::Options options;
  options.persons = 600;
  options.config_edits = {
      {"company_domain: \"acme\"",
       "company_domain: \"acme\"\n    webhook: {user: \"pipedrive\", password: \"open sesame\"}"},
      {"person_mapping:",
       "sync_options: {leads: {incremental: {interval: off}, full: {interval: off}}}\n"
       "person_mapping:\n  lead.title: LEAD_SOURCE"},
      {"  custom_fields.lead_source: LEAD_SOURCE\n", ""}};
  return options;
}

json Leads(World& world) {
  return HttpGet(world.sandbox() + "/sandbox/pipedrive/leads").Json()["leads"];
}

// Contacts made for a person, by that person.
std::map<int64_t, json> ContactsByPerson(World& world) {
  std::map<int64_t, json> contacts;
  const json state = json::parse(world.State());
  for (const json& contact : state["contacts"]) {
    const std::string ext_id = contact["attributes"].value("EXT_ID", "");
    if (ext_id.rfind("pd-", 0) != 0) continue;
    contacts[std::stoll(ext_id.substr(ext_id.rfind('-') + 1))] = contact;
  }
  return contacts;
}

bool IsQualified(const json& contact) {
  return contact["lists"].get<std::set<int64_t>>().contains(kQualified);
}

// How many contacts of persons with open leads were compared with the sandbox's own records.
int CompareWithSource(World& world) {
  std::set<int64_t> qualified;
  for (const json& lead : Leads(world)) {
    if (!lead["is_archived"] && !lead["deleted"] && lead["person_id"].is_number()) {
      qualified.insert(lead["person_id"].get<int64_t>());
    }
  }
  int compared = 0;
  for (const auto& [person, contact] : ContactsByPerson(world)) {
    EXPECT_EQ(IsQualified(contact), qualified.contains(person)) << contact.dump();
    compared += qualified.contains(person) ? 1 : 0;
  }
  return compared;
}

std::string Edit(World& world, const std::string& path, const json& body) {
  const HttpResult result = HttpSend("POST", world.sandbox() + "/sandbox/pipedrive" + path, body);
  EXPECT_EQ(result.status, 200) << result.body;
  return result.Json().value("id", "");
}

TEST(SyncLeads, TheListEqualsADirectComputation) {
  for (const char* version : {"v2", "v1"}) {
    World::Options options = WithLeads();
    options.api_version = version;
    World world(std::move(options));
    world.StartService();
    ExpectSucceeded(world.Sync());
    EXPECT_GT(CompareWithSource(world), 5) << "a first run of persons reads them, too";
    const json first = world.Sync({"--full"}, "leads");
    ExpectSucceeded(first);
    EXPECT_EQ(Number(Progress(first), "read"), 13);
    EXPECT_GT(CompareWithSource(world), 5) << version;

    const json leads = Leads(world);
    for (size_t i = 0; i < leads.size(); ++i) {
      const std::string id = leads[i]["id"];
      if (i % 3 == 0) Edit(world, "/leads/" + id, {{"is_archived", true}});
      if (i % 3 == 1) {
        HttpSend("DELETE", world.sandbox() + "/sandbox/pipedrive/leads/" + id, {});
      }
    }
    ExpectSucceeded(world.Sync({"--full"}, "leads"));
    EXPECT_GT(CompareWithSource(world), 1) << version;
    const std::string state = world.State();
    const int64_t writes = Writes(world.Stats());
    ExpectSucceeded(world.Sync({"--full"}, "leads"));
    EXPECT_EQ(FirstDifference(world.State(), state), "");
    EXPECT_EQ(Writes(world.Stats()), writes) << "what is right already costs no write";
    ExpectWellBehaved(world.Stats());
  }
}

TEST(SyncLeads, OneChangeCostsFewCalls) {
  World world(WithLeads());
  world.StartService();
  ExpectSucceeded(world.Sync());
  ExpectSucceeded(world.Sync({}, "leads"));
  const std::string archived = Leads(world)[0]["id"];
  Edit(world, "/leads/" + archived, {{"is_archived", true}});
  world.ResetStats();
  ExpectSucceeded(world.Sync({}, "leads"));
  EXPECT_EQ(Calls(world.Stats(), "pipedrive"), 2);
  EXPECT_LE(Writes(world.Stats()), 1);
  CompareWithSource(world);
}

TEST(SyncLeads, WebhooksQualifyAndDisqualifyWithoutARun) {
  World world(WithLeads());
  world.StartService();
  ExpectSucceeded(world.Sync());
  ExpectSucceeded(world.Sync({}, "leads"));
  world.Subscribe("pipedrive", "open sesame");
  int64_t person = 0;
  for (const auto& [id, contact] : ContactsByPerson(world)) {
    if (!IsQualified(contact)) person = id;
  }
  ASSERT_GT(person, 0);
  const std::string id = Edit(world, "/leads", {{"title", "Fresh"}, {"person_id", person}});
  const auto qualified = [&](bool is) {
    return AwaitCondition([&] { return IsQualified(ContactsByPerson(world).at(person)) == is; });
  };
  EXPECT_TRUE(qualified(true));
  EXPECT_TRUE(AwaitCondition([&] {
    return ContactsByPerson(world).at(person)["attributes"].value("LEAD_SOURCE", "") == "Fresh";
  }));
  Edit(world, "/leads/" + id, {{"is_archived", true}});
  EXPECT_TRUE(qualified(false));
  Edit(world, "/leads/" + id, {{"is_archived", false}});
  EXPECT_TRUE(qualified(true));
  HttpSend("DELETE", world.sandbox() + "/sandbox/pipedrive/leads/" + id, {});
  EXPECT_TRUE(qualified(false));
}

TEST(SyncLeads, AKillInTheMiddleGivesTheSameState) {
  std::vector<std::string> states;
  for (const bool kills : {false, true}) {
    World::Options options = WithLeads();
    options.persons = 3000;
    World world(std::move(options));
    world.StartService();
    ExpectSucceeded(world.Sync());
    if (kills) {
      EXPECT_EQ(world.Run({"sync", "leads", "--detach"}).exit_code, 0);
      world.KillService();
      world.StartService();
    }
    ExpectSucceeded(world.Sync({}, "leads"));
    states.push_back(world.State());
  }
  EXPECT_EQ(FirstDifference(states[1], states[0]), "");
}

}  // namespace
}  // namespace connector::integration
