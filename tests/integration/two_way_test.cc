// Both ways through the real binaries. The tests are named after what users of such syncs complain
// about; the numbers are those of the list of complaints.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "integration/harness.h"
#include "integration/look.h"

namespace connector::integration {
namespace {

// A person of both sides, made by a user of Pipedrive.
struct Made {
  std::string id;
  std::string email;
};

Made MakePerson(World& world, int number) {
  const std::string email = "two" + std::to_string(number) + "@example.org";
  const json made = HttpSend("POST", world.sandbox() + "/sandbox/pipedrive/persons",
                             {{"name", "First Last"},
                              {"first_name", "First"},
                              {"last_name", "Last"},
                              {"emails", {{{"value", email}, {"primary", true}}}}})
                        .Json();
  return {std::to_string(Number(made, "id")), email};
}

void EditInBrevo(World& world, const std::string& email, const json& edit) {
  const HttpResult done =
      HttpSend("POST", world.sandbox() + "/sandbox/brevo/contacts/" + email, edit);
  EXPECT_LT(done.status, 300) << done.body;
}

void EditInPipedrive(World& world, const std::string& id, const json& edit) {
  const HttpResult done =
      HttpSend("POST", world.sandbox() + "/sandbox/pipedrive/persons/" + id, edit);
  EXPECT_LT(done.status, 300) << done.body;
}

int64_t PersonWrites(const json& stats) {
  return Number(stats["pipedrive"]["calls"], "PATCH /api/v2/persons/{id}");
}

// A further run has nothing to write on either side.
void ExpectQuiet(World& world) {
  world.ResetStats();
  ExpectSucceeded(world.Sync({"--full"}));
  const json stats = world.Stats();
  EXPECT_EQ(Writes(stats), 0) << stats.dump(2);
  EXPECT_EQ(PersonWrites(stats), 0);
  ExpectWellBehaved(stats);
}

class TwoWay : public ::testing::Test {
 protected:
  // The sides agree, and what was written was seen.
  void Start(int persons = 1) {
    world.StartService();
    for (int i = 0; i < persons; ++i) made.push_back(MakePerson(world, i));
    ExpectSucceeded(world.Sync({"--full"}));
    ExpectSucceeded(world.Sync({"--full"}));
    world.ResetStats();
  }
  void SyncFull() { ExpectSucceeded(world.Sync({"--full"})); }
  bool BrevoHas(const std::string& text) { return world.State().find(text) != std::string::npos; }

  World world{{.persons = 50, .organizations = 5, .existing_contacts = 0}};
  std::vector<Made> made;
};

TEST_F(TwoWay, Row13AndRow14ChangesInBrevoReachPipedrive) {
  Start();
  EditInBrevo(world, made[0].email, {{"attributes", {{"LASTNAME", "Edited"}}}});
  SyncFull();
  const json stats = world.Stats();
  EXPECT_EQ(PersonWrites(stats), 1) << stats.dump(2);
  EXPECT_EQ(Writes(stats), 1) << "FULLNAME follows from the parts";
  ExpectQuiet(world);
  EXPECT_TRUE(BrevoHas("First Edited"));
}

TEST_F(TwoWay, Row15AndRow16WhatWasWrittenCausesNoFurtherWrite) {
  Start(200);
  for (const Made& person : made) {
    EditInBrevo(world, person.email, {{"attributes", {{"LASTNAME", "Back"}}}});
    EditInPipedrive(world, person.id, {{"first_name", "Forth"}, {"name", "Forth Last"}});
  }
  SyncFull();
  EXPECT_EQ(PersonWrites(world.Stats()), 200);
  ExpectQuiet(world);
  ExpectQuiet(world);
}

TEST_F(TwoWay, Row6AndRow7ANewAddressInBrevoMakesNoSecondContactOrPerson) {
  Start();
  const json before = world.Stats();
  EditInBrevo(world, made[0].email, {{"email", "moved@example.org"}});
  SyncFull();
  const json after = world.Stats();
  EXPECT_EQ(Number(after["brevo"], "contacts"), Number(before["brevo"], "contacts"));
  EXPECT_EQ(Number(after["pipedrive"], "persons"), Number(before["pipedrive"], "persons"));
  EXPECT_EQ(PersonWrites(after), 1);
  ExpectQuiet(world);
}

TEST_F(TwoWay, Row40AnAddressChangedInPipedriveResubscribesNobody) {
  Start();
  EditInBrevo(world, made[0].email, {{"email_blacklisted", true}});
  EditInPipedrive(world, made[0].id,
                  {{"emails", {{{"value", "still@example.org"}, {"primary", true}}}}});
  // Incremental: the block has not been seen.
  ExpectSucceeded(world.Sync());
  ExpectWellBehaved(world.Stats());
  EXPECT_TRUE(BrevoHas("still@example.org"));
}

// An opt-out is an opt-out everywhere.
class TwoWayConsent : public ::testing::Test {
 protected:
  static World::Options WithConsent() {
    World::Options options{.persons = 30, .organizations = 5, .existing_contacts = 0};
    options.config_edits = {
        {"person_mapping:",
         "sync_options: {consent: {person_field: \"Marketing consent\", unsubscribed_value: "
         "\"No\"}, persons: {create_persons_from: [61]}}\nperson_mapping:"}};
    return options;
  }
  void Start() {
    world.StartService();
    made = MakePerson(world, 1);
    ExpectSucceeded(world.Sync({"--full"}));
    ExpectSucceeded(world.Sync({"--full"}));
    world.ResetStats();
  }
  bool IsBlocked() {
    const json state = json::parse(world.State());
    for (const json& contact : state.at("contacts")) {
      if (contact.value("email", "") == made.email) return contact.at("email_blacklisted");
    }
    return false;
  }

  World world{WithConsent()};
  Made made;
};

TEST_F(TwoWayConsent, Row42AnUnsubscribeFlowsBackToTheCrmOnce) {
  Start();
  EditInBrevo(world, made.email, {{"email_blacklisted", true}});
  ExpectSucceeded(world.Sync());
  EXPECT_EQ(PersonWrites(world.Stats()), 1);
  EXPECT_EQ(Writes(world.Stats()), 0);
  ExpectQuiet(world);
}

TEST_F(TwoWayConsent, Row40TheSyncResubscribesNobodyAndRow41ASecondOptOutIsNeverLost) {
  Start();
  EditInBrevo(world, made.email, {{"email_blacklisted", true}});
  ExpectSucceeded(world.Sync());
  // Somebody edits both sides afterwards; the block stays.
  EditInPipedrive(world, made.id, {{"first_name", "Later"}, {"name", "Later Last"}});
  EditInBrevo(world, made.email, {{"attributes", {{"LASTNAME", "Edited"}}}});
  ExpectSucceeded(world.Sync({"--full"}));
  EXPECT_TRUE(IsBlocked());
  // Lifted in Brevo alone it comes back, since Pipedrive still says so.
  EditInBrevo(world, made.email, {{"email_blacklisted", false}});
  ExpectSucceeded(world.Sync());
  EXPECT_TRUE(IsBlocked());
  ExpectQuiet(world);
}

TEST_F(TwoWayConsent, Row43FlagsThatNobodyTouchedAreNeverSent) {
  Start();
  EditInPipedrive(world, made.id, {{"first_name", "New"}, {"name", "New Last"}});
  ExpectSucceeded(world.Sync());
  EXPECT_EQ(Writes(world.Stats()), 1);
  ExpectWellBehaved(world.Stats());
  EXPECT_FALSE(IsBlocked());
}

TEST_F(TwoWayConsent, Row5AndRow13ASignUpInBrevoBecomesOnePerson) {
  Start();
  const int64_t before = Number(world.Stats()["pipedrive"], "persons");
  EditInBrevo(world, "signup@example.org",
              {{"create", true}, {"attributes", {{"FIRSTNAME", "Sign"}}}, {"join_lists", {61}}});
  ExpectSucceeded(world.Sync());
  EXPECT_TRUE(
      AwaitCondition([&] { return Number(world.Stats()["pipedrive"], "persons") == before + 1; }));
  ExpectSucceeded(world.Sync());
  ExpectSucceeded(world.Sync({"--full"}));
  const json stats = world.Stats();
  EXPECT_EQ(Number(stats["pipedrive"], "persons"), before + 1);
  EXPECT_EQ(Number(stats["pipedrive"]["calls"], "POST /api/v2/persons"), 1);
  ExpectWellBehaved(stats);
}

TEST_F(TwoWay, TwoThousandRecordsEditedOnEachSideTakeAsManyWritesAsNeeded) {
  Start(2000);
  for (size_t i = 0; i < made.size(); ++i) {
    // Every other record is edited in the same field on both sides: Pipedrive wins there.
    EditInBrevo(world, made[i].email,
                {{"attributes", {{i % 2 == 0 ? "LASTNAME" : "FIRSTNAME", "Brevo"}}}});
    EditInPipedrive(world, made[i].id, {{"first_name", "Pipedrive"}, {"name", "Pipedrive Last"}});
  }
  world.ResetStats();
  SyncFull();
  const json stats = world.Stats();
  EXPECT_EQ(PersonWrites(stats), 1000) << "one for each record that only Brevo's edit concerns";
  EXPECT_LE(Number(stats["brevo"]["calls"], "POST /v3/contacts/import"), 4);
  EXPECT_EQ(Number(stats["brevo"]["calls"], "PUT /v3/contacts/{identifier}"), 0);
  ExpectWellBehaved(stats);
  ExpectQuiet(world);
}

}  // namespace
}  // namespace connector::integration
