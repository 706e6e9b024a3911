// Changes made in Brevo, as its webhooks tell them to the real binary.

#include <curl/curl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "integration/harness.h"
#include "integration/look.h"

namespace connector::integration {
namespace {

constexpr char kToken[] = "brevo-webhook-token";

World::Options WithDoor(double clock_scale, bool key_name) {
  World::Options options;
  options.clock_scale = clock_scale;
  options.persons = 60;
  options.organizations = 6;
  options.existing_contacts = 3;
  options.config_edits = {
      {"company_domain: \"acme\"",
       "company_domain: \"acme\"\n    webhook: {user: \"pipedrive\", "
       "password: \"open sesame\"}"},
      {"api_key: \"sandbox-brevo-key\"",
       "api_key: \"sandbox-brevo-key\"\n    webhook: {token: \"" + std::string(kToken) + "\"}" +
           (key_name ? "\n    api_key_name: \"sandbox-key\"" : "")}};
  return options;
}

size_t Drop(char*, size_t size, size_t count, void*) { return size * count; }

// The status of the answer.
int Post(const std::string& url, const std::string& body, const std::vector<std::string>& headers) {
  CURL* curl = curl_easy_init();
  curl_slist* list = curl_slist_append(nullptr, "Content-Type: application/json");
  for (const std::string& header : headers) list = curl_slist_append(list, header.c_str());
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, Drop);
  long status = 0;
  if (curl_easy_perform(curl) == CURLE_OK) {
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  }
  curl_slist_free_all(list);
  curl_easy_cleanup(curl);
  return static_cast<int>(status);
}

// A world in step, whose two accounts tell the service of every change.
class TwoWayWorld {
 public:
  explicit TwoWayWorld(double clock_scale = 1, bool key_name = false)
      : world(WithDoor(clock_scale, key_name)) {
    world.StartService();
    ExpectSucceeded(world.Sync());
    ExpectSucceeded(world.Sync({"--full"}));  // Brevo is seen to hold it
    const json hook = {{"url", world.public_url() + "/webhooks/brevo"},
                       {"type", "marketing"},
                       {"events",
                        {"contactUpdated", "contactDeleted", "listAddition", "unsubscribed",
                         "hardBounce", "spam"}},
                       {"auth", {{"type", "bearer"}, {"token", kToken}}}};
    EXPECT_EQ(Post(world.sandbox() + "/v3/webhooks", hook.dump(), {"api-key: sandbox-brevo-key"}),
              201);
    world.Subscribe("pipedrive", "open sesame");
    world.ResetStats();
  }

  // Somebody edits a contact in Brevo.
  void Edit(const std::string& email, const json& body) {
    const HttpResult done =
        HttpSend("POST", world.sandbox() + "/sandbox/brevo/contacts/" + email, body);
    EXPECT_LT(done.status, 300) << done.body;
  }
  json Contact(const std::string& email) {
    const json state = json::parse(world.State());
    for (const json& contact : state.at("contacts")) {
      if (contact.value("email", "") == email) return contact;
    }
    return nullptr;
  }
  // Some synced contact that is on the list of all.
  std::string SomeEmail(size_t number = 0) {
    const json state = json::parse(world.State());
    for (const json& contact : state.at("contacts")) {
      const std::string email = contact.value("email", "");
      const json& lists = contact["lists"];
      if (std::find(lists.begin(), lists.end(), 60) != lists.end()) {
        if (number-- == 0) return email;
      }
    }
    return "";
  }
  int64_t Metric(const std::string& name) {
    const std::string page = "\n" + HttpGet(world.admin_url() + "/metrics").body;
    int64_t sum = 0;
    const std::string start = "\npipedrive_connector_" + name;
    for (size_t at = page.find(start); at != std::string::npos; at = page.find(start, at + 1)) {
      const size_t end = page.find('\n', at + 1);
      sum += std::stoll(page.substr(page.rfind(' ', end) + 1));
    }
    return sum;
  }
  bool AwaitMetric(const std::string& name, int64_t least) {
    return AwaitCondition([&] { return Metric(name) >= least; });
  }
  bool AwaitQuiet() {
    return AwaitCondition([this] {
      return Metric("sync_dirty_contacts{") == 0 && Metric("sync_inbox_webhooks{") == 0 &&
             Metric("sync_outbox_events{") == 0 && Metric("sync_open_imports{") == 0;
    });
  }

  World world;
};

constexpr char kTaken[] =
    "brevo_changes_total{connection=\"default\",event=\"contact_updated\",outcome=\"taken\"}";

TEST(BrevoChanges, AnEditIsTakenWithinASecondAndReachesThePersonWithoutALook) {
  TwoWayWorld two;
  const std::string email = two.SomeEmail();
  ASSERT_NE(email, "");
  const auto start = std::chrono::steady_clock::now();
  two.Edit(email, {{"attributes", {{"FIRSTNAME", "Edited"}}}});
  ASSERT_TRUE(two.AwaitMetric(kTaken, 1));
  ASSERT_TRUE(two.AwaitQuiet());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
  EXPECT_EQ(Calls(two.world.Stats(), "brevo"), 1) << "FULLNAME follows from the parts";
  EXPECT_EQ(Number(two.world.Stats()["pipedrive"]["calls"], "PATCH /api/v2/persons/{id}"), 1);
  ExpectSucceeded(two.world.Sync());
  EXPECT_EQ(two.Contact(email)["attributes"]["FIRSTNAME"], "Edited");
  EXPECT_EQ(Writes(two.world.Stats()), 1);
  ExpectWellBehaved(two.world.Stats());
}

TEST(BrevoChanges, EchoesOfOurOwnWritesCauseNoCall) {
  for (const bool key_name : {false, true}) {
    TwoWayWorld two(1, key_name);
    const HttpResult done =
        HttpSend("POST", two.world.sandbox() + "/sandbox/pipedrive/persons",
                 {{"name", "Echo Person"},
                  {"first_name", "Echo"},
                  {"emails", {{{"value", "echo@live.example"}, {"primary", true}}}}});
    ASSERT_LT(done.status, 300) << done.body;
    ASSERT_TRUE(AwaitCondition([&] { return two.Contact("echo@live.example").is_object(); }));
    ASSERT_TRUE(two.AwaitMetric("own_writes_recognised_total{", 1));
    const std::string id = std::to_string(Number(done.Json(), "id"));
    HttpSend("POST", two.world.sandbox() + "/sandbox/pipedrive/persons/" + id,
             {{"name", "Changed Person"}});
    ASSERT_TRUE(AwaitCondition([&] {
      return two.Contact("echo@live.example")["attributes"]["FULLNAME"] == "Changed Person";
    }));
    ASSERT_TRUE(two.AwaitMetric("own_writes_recognised_total{", 2));
    ASSERT_TRUE(two.AwaitQuiet());
    const json stats = two.world.Stats();
    EXPECT_EQ(Calls(stats, "brevo"), 2) << "a create and an update: " << stats["brevo"].dump(2);
    if (key_name) {
      EXPECT_GE(two.Metric("own_writes_recognised_total{connection=\"default\",guard=\"api_key_"
                           "name\"}"),
                2);
    }
    ExpectWellBehaved(stats);
  }
}

TEST(BrevoChanges, OptOutsAreKept) {
  TwoWayWorld two;
  const std::string left = two.SomeEmail(0);
  const std::string bounced = two.SomeEmail(1);
  two.Edit(left, {{"unsubscribe_list", 60}});
  two.Edit(bounced, {{"hard_bounce", true}});
  ASSERT_TRUE(
      two.AwaitMetric("brevo_changes_total{connection=\"default\",event=\"unsubscribed\"", 1));
  ASSERT_TRUE(
      two.AwaitMetric("brevo_changes_total{connection=\"default\",event=\"hard_bounce\"", 1));
  ASSERT_TRUE(two.AwaitQuiet());
  ExpectSucceeded(two.world.Sync({"--full"}));
  EXPECT_EQ(Writes(two.world.Stats()), 0);
  ExpectWellBehaved(two.world.Stats());  // nobody was put back on a list, nobody unblocked
}

TEST(BrevoChanges, ADeletedContactIsNotMadeAgainByItself) {
  TwoWayWorld two;
  const std::string email = two.SomeEmail();
  HttpSend("DELETE", two.world.sandbox() + "/sandbox/brevo/contacts/" + email, {});
  ASSERT_TRUE(two.AwaitMetric(
      "brevo_changes_total{connection=\"default\",event=\"contact_deleted\",outcome=\"deleted\"}",
      1));
  ASSERT_TRUE(two.AwaitQuiet());
  ExpectSucceeded(two.world.Sync());
  EXPECT_TRUE(two.Contact(email).is_null());
  EXPECT_EQ(Writes(two.world.Stats()), 0);
}

TEST(BrevoChanges, BatchesDoublesAndForgeriesAtTheDoor) {
  TwoWayWorld two;
  const std::string url = two.world.public_url() + "/webhooks/brevo";
  json batch = json::array();
  for (int i = 0; i < 500; ++i) {
    batch.push_back({{"id", 1},
                     {"event", "contact_updated"},
                     {"email", "stranger" + std::to_string(i) + "@x.example"},
                     {"ts", 1'700'000'000 + i},
                     {"content", {{{"attributes", {{"FIRSTNAME", "S"}}}}}}});
  }
  const std::string bearer = std::string("Authorization: Bearer ") + kToken;
  EXPECT_EQ(Post(url, batch.dump(), {"Authorization: Bearer forged"}), 401);
  EXPECT_EQ(Post(url, batch.dump(), {}), 401);
  EXPECT_EQ(Post(url, batch.dump(), {bearer}), 200);
  EXPECT_EQ(Post(url, batch.dump(), {bearer}), 200);
  EXPECT_EQ(Post(url, "{", {bearer}), 400);
  ASSERT_TRUE(two.AwaitQuiet());
  EXPECT_EQ(two.Metric("webhooks_total{connection=\"default\",door=\"http\",outcome=\"accepted\""),
            500);
  EXPECT_EQ(two.Metric("webhooks_total{connection=\"default\",door=\"http\",outcome=\"duplicate\""),
            500);
  EXPECT_EQ(Calls(two.world.Stats(), "brevo"), 0);
}

}  // namespace
}  // namespace connector::integration
