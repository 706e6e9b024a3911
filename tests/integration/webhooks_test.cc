// Webhooks at the real binary's door: what it acknowledges is kept, whatever happens to it.

#include <curl/curl.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "integration/harness.h"
#include "integration/look.h"

namespace connector::integration {
namespace {

constexpr char kUser[] = "pipedrive";
constexpr char kPassword[] = "open sesame";

World::Options WithDoor() {
  World::Options options;
  options.persons = 50;
  options.organizations = 10;
  options.existing_contacts = 5;
  options.config_edits = {{"company_domain: \"acme\"",
                           "company_domain: \"acme\"\n    webhook: {user: \"pipedrive\", "
                           "password: \"open sesame\"}"}};
  return options;
}

size_t Keep(char* data, size_t size, size_t count, void* text) {
  static_cast<std::string*>(text)->append(data, size * count);
  return size * count;
}

// A connection that is kept; status 0 if there was no answer.
class Sender {
 public:
  Sender() : curl_(curl_easy_init()) {
    headers_ = curl_slist_append(nullptr, "Content-Type: application/json");
  }
  ~Sender() {
    curl_slist_free_all(headers_);
    curl_easy_cleanup(curl_);
  }
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  HttpResult Post(const std::string& url, const std::string& body,
                  const char* password = kPassword) {
    HttpResult result;
    curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(curl_, CURLOPT_USERNAME, kUser);
    curl_easy_setopt(curl_, CURLOPT_PASSWORD, password);
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, Keep);
    curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &result.body);
    if (curl_easy_perform(curl_) != CURLE_OK) return result;
    long status = 0;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
    result.status = static_cast<int>(status);
    return result;
  }

 private:
  CURL* curl_;
  curl_slist* headers_;
};

// A change of a deal: nothing is read from anywhere to take it in.
std::string Webhook(const std::string& id) {
  return json{{"meta",
               {{"action", "change"},
                {"entity", "deal"},
                {"entity_id", std::to_string(1 + std::hash<std::string>{}(id) % 50)},
                {"id", id},
                {"timestamp", "2026-01-02T03:04:05.678Z"}}},
              {"data", nullptr},
              {"previous", json::object()}}
      .dump();
}

// Several senders at once until they are told to stop; ids of what was acknowledged.
class Senders {
 public:
  explicit Senders(const std::string& url, int round) {
    for (int t = 0; t < 8; ++t) {
      threads_.emplace_back([this, url, round, t] {
        Sender sender;
        for (int i = 0; !stop_; ++i) {
          const std::string id =
              std::to_string(round) + "-" + std::to_string(t) + "-" + std::to_string(i);
          const HttpResult result = sender.Post(url, Webhook(id));
          if (result.status == 0) return;  // it was killed
          const std::lock_guard lock(mutex_);
          if (result.status == 200)
            acknowledged_.insert(id);
          else
            refused_ += 1;
        }
      });
    }
  }
  size_t count() {
    const std::lock_guard lock(mutex_);
    return acknowledged_.size();
  }
  std::set<std::string> Stop() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
    EXPECT_EQ(refused_, 0);
    return acknowledged_;
  }

 private:
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;  // guards what follows
  std::set<std::string> acknowledged_;
  int refused_ = 0;
  std::vector<std::thread> threads_;
};

TEST(Webhooks, WhatIsAcknowledgedSurvivesAnyDeath) {
  World world(WithDoor());
  std::set<std::string> acknowledged;
  for (int round = 0; round < 3; ++round) {
    world.StartService();
    Senders senders(world.public_url() + "/webhooks/pipedrive", round);
    ASSERT_TRUE(AwaitCondition([&] { return senders.count() >= 300; }));
    world.KillService();
    for (const std::string& id : senders.Stop()) acknowledged.insert(id);
  }
  world.StartService();
  ASSERT_GE(acknowledged.size(), 900U);
  Sender sender;
  for (const std::string& id : acknowledged) {
    const HttpResult again = sender.Post(world.public_url() + "/webhooks/pipedrive", Webhook(id));
    ASSERT_EQ(again.status, 200) << again.body;
    ASSERT_EQ(again.Json().at("outcome"), "duplicate") << id << " was acknowledged and is lost";
  }
  EXPECT_EQ(world.StopService(), 0);
}

TEST(Webhooks, AStopAnswersWhatItTook) {
  World world(WithDoor());
  world.StartService();
  Senders senders(world.public_url() + "/webhooks/pipedrive", 0);
  ASSERT_TRUE(AwaitCondition([&] { return senders.count() >= 200; }));
  EXPECT_EQ(world.StopService(), 0);
  const std::set<std::string> acknowledged = senders.Stop();
  world.StartService();
  Sender sender;
  for (const std::string& id : acknowledged) {
    const HttpResult again = sender.Post(world.public_url() + "/webhooks/pipedrive", Webhook(id));
    ASSERT_EQ(again.Json().at("outcome"), "duplicate") << id;
  }
}

TEST(Webhooks, TheDoorIsGuarded) {
  World world(WithDoor());
  world.StartService();
  const std::string door = world.public_url() + "/webhooks/pipedrive";
  Sender sender;
  EXPECT_EQ(sender.Post(door, Webhook("a"), "wrong").status, 401);
  EXPECT_EQ(sender.Post(door, "{\"meta\":").status, 400);
  EXPECT_EQ(sender.Post(door, std::string((size_t{1} << 20) + 1, ' ')).status, 413);
  EXPECT_EQ(HttpGet(door).status, 405);
  EXPECT_EQ(sender.Post(door, Webhook("a")).Json().at("outcome"), "accepted");
  EXPECT_EQ(sender.Post(door + "/default", Webhook("a")).Json().at("outcome"), "duplicate");
  const std::string metrics = HttpGet(world.admin_url() + "/metrics").body;
  for (const char* line :
       {R"(outcome="refused",reason="unauthorized"} 1)",
        R"(outcome="refused",reason="malformed"} 1)", R"(route="other",status="413"} 1)"}) {
    EXPECT_NE(metrics.find(line), std::string::npos) << line;
  }
}

TEST(Webhooks, ADoorWithoutAPasswordIsClosed) {
  World::Options options = WithDoor();
  options.config_edits.clear();
  World world(options);
  world.StartService();
  const HttpResult answer =
      Sender().Post(world.public_url() + "/webhooks/pipedrive", Webhook("a"), "");
  EXPECT_EQ(answer.status, 401);
  EXPECT_NE(world.service().output().find("webhook.password"), std::string::npos);
}

}  // namespace
}  // namespace connector::integration
