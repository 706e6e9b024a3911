// Deletes and merges through the real binaries: told by webhook, found by a sync, and lost. The
// tests are named after what users of such syncs complain about; the numbers are those of the list
// of complaints.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "integration/harness.h"
#include "integration/look.h"

namespace connector::integration {
namespace {

World::Options WithPolicy(const std::string& on_delete, int persons = 50) {
  World::Options options;
  options.persons = persons;
  options.organizations = 10;
  options.existing_contacts = 5;
  options.config_edits = {{"company_domain: \"acme\"",
                           "company_domain: \"acme\"\n    webhook: {user: \"pipedrive\", "
                           "password: \"open sesame\"}"},
                          {"person_mapping:", "sync_options: {persons: {on_delete: " + on_delete +
                                                  "}}\nperson_mapping:"}};
  return options;
}

class Deletes {
 public:
  explicit Deletes(const std::string& on_delete, bool webhooks, int persons = 50)
      : world(WithPolicy(on_delete, persons)) {
    world.StartService();
    for (int i = 0; i < 3; ++i) ids.push_back(AddPerson(Email(i)));
    Full();
    Full();
    if (webhooks) world.Subscribe("pipedrive", "open sesame");
    world.ResetStats();
  }

  static std::string Email(int number) { return "gone" + std::to_string(number) + "@example.org"; }
  int64_t AddPerson(const std::string& email) {
    return Number(HttpSend("POST", Persons(),
                           {{"name", "Ann Gone"},
                            {"first_name", "Ann"},
                            {"emails", {{{"value", email}, {"primary", true}}}}})
                      .Json(),
                  "id");
  }
  void Delete(int64_t id) {
    EXPECT_EQ(HttpSend("DELETE", Persons() + "/" + std::to_string(id), {}).status, 200);
  }
  void Merge(int64_t from, int64_t into) {
    EXPECT_EQ(HttpSend("POST", Persons() + "/" + std::to_string(from) + "/merge",
                       {{"merge_with_id", into}})
                  .status,
              200);
  }
  json Full(std::vector<std::string> flags = {}) {
    flags.emplace_back("--full");
    const json done = world.Sync(flags);
    ExpectSucceeded(done);
    return done;
  }
  // null if Brevo does not have it.
  json Contact(const std::string& email) {
    const HttpResult found = HttpGet(world.sandbox() + "/sandbox/brevo/contacts/" + email);
    return found.status == 200 ? found.Json() : json();
  }
  bool IsOn(const std::string& email, int64_t list) {
    const json contact = Contact(email);
    if (contact.is_null()) return false;
    for (const json& one : contact.at("lists")) {
      if (one.get<int64_t>() == list) return true;
    }
    return false;
  }
  static bool Warned(const json& done, const std::string& text) {
    return Progress(done).value("warnings", json::array()).dump().find(text) != std::string::npos;
  }

  World world;
  std::vector<int64_t> ids;

 private:
  std::string Persons() { return world.sandbox() + "/sandbox/pipedrive/persons"; }
};

constexpr int64_t kAllContacts = 60;

TEST(DeletesByWebhook, Row9KeepLeavesTheContact) {
  Deletes deletes("keep", true);
  deletes.Delete(deletes.ids[0]);
  ASSERT_TRUE(AwaitCondition([&] {
    const CommandResult told =
        deletes.world.Run({"explain", "person", std::to_string(deletes.ids[0]), "--json"});
    return told.exit_code == 0 &&
           told.Objects().front().at("explanation").value("person_ids", json::array()).empty();
  }));
  deletes.Full();
  EXPECT_TRUE(deletes.IsOn(Deletes::Email(0), kAllContacts));
  EXPECT_EQ(Writes(deletes.world.Stats()), 0);
  ExpectWellBehaved(deletes.world.Stats());
}

TEST(DeletesByWebhook, Row9UnlinkTakesTheContactOffTheList) {
  Deletes deletes("unlink", true);
  deletes.Delete(deletes.ids[0]);
  EXPECT_TRUE(AwaitCondition([&] { return !deletes.IsOn(Deletes::Email(0), kAllContacts); }));
  EXPECT_FALSE(deletes.Contact(Deletes::Email(0)).is_null());
  EXPECT_TRUE(deletes.IsOn(Deletes::Email(1), kAllContacts));
  ExpectWellBehaved(deletes.world.Stats());
}

TEST(DeletesByWebhook, Row9DeleteDeletesTheContact) {
  Deletes deletes("delete", true);
  deletes.Delete(deletes.ids[0]);
  EXPECT_TRUE(AwaitCondition([&] { return deletes.Contact(Deletes::Email(0)).is_null(); }));
  EXPECT_FALSE(deletes.Contact(Deletes::Email(1)).is_null());
  deletes.world.ResetStats();
  deletes.Full();
  EXPECT_EQ(Writes(deletes.world.Stats()), 0) << "once is enough";
  ExpectWellBehaved(deletes.world.Stats());
}

TEST(DeletesLost, Row9AndRow10AFullSyncFindsWhatNoWebhookTold) {
  for (const std::string policy : {"keep", "unlink", "delete"}) {
    Deletes deletes(policy, false);
    deletes.Delete(deletes.ids[0]);
    deletes.world.ResetStats();
    const json done = deletes.Full();
    EXPECT_TRUE(Deletes::Warned(done, "1 persons")) << policy << done.dump(2);
    EXPECT_EQ(deletes.Contact(Deletes::Email(0)).is_null(), policy == "delete");
    EXPECT_EQ(deletes.IsOn(Deletes::Email(0), kAllContacts), policy == "keep");
    EXPECT_TRUE(deletes.IsOn(Deletes::Email(1), kAllContacts));
    ExpectWellBehaved(deletes.world.Stats());
    // And not only on the first run.
    deletes.Delete(deletes.ids[1]);
    EXPECT_TRUE(Deletes::Warned(deletes.Full(), "1 persons"));
    EXPECT_EQ(deletes.Contact(Deletes::Email(1)).is_null(), policy == "delete");
    deletes.world.ResetStats();
    EXPECT_FALSE(Deletes::Warned(deletes.Full(), "persons that"));
    EXPECT_EQ(Writes(deletes.world.Stats()), 0) << policy;
  }
}

TEST(DeletesLost, ADryRunOnlySaysSo) {
  Deletes deletes("delete", false);
  deletes.Delete(deletes.ids[0]);
  const CommandResult dry = deletes.world.Run({"sync", "persons", "--full", "--dry-run", "--json"});
  EXPECT_NE(dry.output.find("PLANNED_ACTION_DELETE"), std::string::npos) << dry.output;
  EXPECT_FALSE(deletes.Contact(Deletes::Email(0)).is_null());
}

TEST(DeletesLost, ManyAreAQuestion) {
  Deletes deletes("delete", false, 100);
  for (int64_t id = 1; id <= 20; ++id) deletes.Delete(id);
  const int64_t before = Number(deletes.world.Stats()["brevo"], "contacts");
  const json asked = deletes.Full();
  EXPECT_TRUE(Deletes::Warned(asked, "--confirm-sweep")) << asked.dump(2);
  EXPECT_EQ(Number(deletes.world.Stats()["brevo"], "contacts"), before);
  EXPECT_NE(deletes.world.Run({"failures", "list"}).output.find("--confirm-sweep"),
            std::string::npos);
  EXPECT_NE(deletes.world.Run({"sync", "persons", "--confirm-sweep"}).exit_code, 0)
      << "only with --full";
  deletes.Full({"--confirm-sweep"});
  EXPECT_LT(Number(deletes.world.Stats()["brevo"], "contacts"), before);
  ExpectWellBehaved(deletes.world.Stats());
}

TEST(DeletesLost, AContactDeletedInBrevoComesBackWhenItsPersonChanges) {
  Deletes deletes("keep", false);
  EXPECT_EQ(HttpSend("DELETE",
                     deletes.world.sandbox() + "/sandbox/brevo/contacts/" + Deletes::Email(0), {})
                .status,
            200);
  EXPECT_TRUE(Deletes::Warned(deletes.Full(), "1 contacts"));
  EXPECT_TRUE(deletes.Contact(Deletes::Email(0)).is_null());
  HttpSend("POST",
           deletes.world.sandbox() + "/sandbox/pipedrive/persons/" + std::to_string(deletes.ids[0]),
           {{"first_name", "Back"}, {"name", "Back Gone"}});
  deletes.Full();
  EXPECT_FALSE(deletes.Contact(Deletes::Email(0)).is_null());
}

TEST(Deletes, Row8APersonMadeAgainWithTheSameAddressHasAContact) {
  for (const std::string policy : {"keep", "unlink", "delete"}) {
    Deletes deletes(policy, true);
    deletes.Delete(deletes.ids[0]);
    if (policy == "delete") {
      ASSERT_TRUE(AwaitCondition([&] { return deletes.Contact(Deletes::Email(0)).is_null(); }));
    }
    deletes.AddPerson(Deletes::Email(0));
    EXPECT_TRUE(AwaitCondition([&] { return deletes.IsOn(Deletes::Email(0), kAllContacts); }))
        << policy;
    deletes.Full();
    deletes.world.ResetStats();
    deletes.Full();
    EXPECT_TRUE(deletes.IsOn(Deletes::Email(0), kAllContacts)) << policy;
    EXPECT_EQ(Writes(deletes.world.Stats()), 0) << policy;
    ExpectWellBehaved(deletes.world.Stats());
  }
}

TEST(Deletes, Row11AndRow12AMergeDeletesNoContact) {
  Deletes deletes("delete", true);
  deletes.Merge(deletes.ids[0], deletes.ids[1]);
  deletes.Full();
  deletes.Full();
  EXPECT_FALSE(deletes.Contact(Deletes::Email(1)).is_null());
  EXPECT_FALSE(deletes.Contact(Deletes::Email(0)).is_null()) << "the loser's deletion deletes none";
  ExpectWellBehaved(deletes.world.Stats());
}

TEST(Deletes, Row11DuplicatesAreListedAndMerged) {
  Deletes deletes("keep", false);
  const int64_t twin = deletes.AddPerson(Deletes::Email(0));
  deletes.Full();
  const CommandResult list = deletes.world.Run({"duplicates", "list", "--json"});
  ASSERT_EQ(list.exit_code, 0) << list.output;
  EXPECT_NE(list.output.find(Deletes::Email(0)), std::string::npos) << list.output;
  const std::string keep = std::to_string(deletes.ids[0]);
  EXPECT_NE(deletes.world.Run({"duplicates", "merge", keep, std::to_string(twin)}).exit_code, 0)
      << "not without --confirm";
  EXPECT_NE(
      deletes.world.Run({"duplicates", "merge", keep, std::to_string(deletes.ids[1]), "--confirm"})
          .exit_code,
      0)
      << "they share no address";
  const int64_t before = Number(deletes.world.Stats()["pipedrive"], "persons");
  const CommandResult merged =
      deletes.world.Run({"duplicates", "merge", keep, std::to_string(twin), "--confirm"});
  EXPECT_EQ(merged.exit_code, 0) << merged.output;
  EXPECT_EQ(Number(deletes.world.Stats()["pipedrive"], "persons"), before - 1);
  deletes.Full();
  EXPECT_EQ(deletes.world.Run({"duplicates", "list"}).output.find(Deletes::Email(0)),
            std::string::npos);
  EXPECT_TRUE(deletes.IsOn(Deletes::Email(0), kAllContacts));
  ExpectWellBehaved(deletes.world.Stats());
}

}  // namespace
}  // namespace connector::integration
