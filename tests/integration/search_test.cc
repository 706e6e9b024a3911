// SearchItems through the real binaries: what is found, and at whose expense.

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "integration/harness.h"
#include "integration/look.h"
#include "pipedrive_connector/v1/service.grpc.pb.h"

namespace connector::integration {
namespace {

namespace v1 = pipedrive_connector::v1;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Answer {
  grpc::Status status;
  v1::SearchItemsResponse response;
  int64_t pushback_ms = -1;
  std::chrono::steady_clock::duration took{};
};

class Client {
 public:
  explicit Client(const World& world)
      : stub_(v1::PipedriveConnector::NewStub(
            grpc::CreateChannel(world.grpc_address(), grpc::InsecureChannelCredentials()))) {}

  Answer Search(const v1::SearchItemsRequest& request, milliseconds deadline = kPatience) {
    Answer answer;
    grpc::ClientContext context;
    const auto began = std::chrono::steady_clock::now();
    context.set_deadline(std::chrono::system_clock::now() + deadline);
    answer.status = stub_->SearchItems(&context, request, &answer.response);
    answer.took = std::chrono::steady_clock::now() - began;
    const auto& trailers = context.GetServerTrailingMetadata();
    const auto found = trailers.find("grpc-retry-pushback-ms");
    if (found != trailers.end()) {
      answer.pushback_ms = std::stoll(std::string(found->second.data(), found->second.size()));
    }
    return answer;
  }
  Answer Search(const std::string& term, milliseconds deadline = kPatience) {
    v1::SearchItemsRequest request;
    request.set_term(term);
    request.add_item_types(v1::SEARCH_ITEM_TYPE_PERSON);
    return Search(request, deadline);
  }

 private:
  const std::unique_ptr<v1::PipedriveConnector::Stub> stub_;
};

int64_t SearchCalls(World& world) {
  const json calls = world.Stats()["pipedrive"]["calls"];
  return Number(calls, "GET /api/v2/itemSearch") + Number(calls, "GET /api/v1/itemSearch");
}

class SearchBothVersions : public ::testing::TestWithParam<const char*> {};

TEST_P(SearchBothVersions, FindsWithDetailsAndPages) {
  World world({.persons = 200, .clock_scale = 30, .api_version = GetParam()});
  world.StartService();
  const HttpResult made =
      HttpSend("POST", world.sandbox() + "/sandbox/pipedrive/persons",
               {{"name", "Zebedee Quux"},
                {"emails", {{{"value", "zeb@example.org"}, {"primary", true}}}},
                {"phones", {{{"value", "+49 30 1234567"}, {"primary", true}}}}});
  ASSERT_LT(made.status, 300) << made.body;
  HttpSend("POST", world.sandbox() + "/sandbox/advance", {{"seconds", 30}});
  const CommandResult found = world.Run(
      {"search", "zebedee QUUX", "--type", "person", "--field", "name", "--exact", "--json"});
  EXPECT_EQ(found.exit_code, 0) << found.output;
  const std::vector<json> objects = found.Objects();
  ASSERT_EQ(objects.size(), 1u) << found.output;
  EXPECT_EQ(objects[0]["type"], "SEARCH_ITEM_TYPE_PERSON");
  EXPECT_EQ(objects[0]["title"], "Zebedee Quux");
  EXPECT_EQ(objects[0]["person"]["emails"][0], "zeb@example.org");
  EXPECT_GT(objects[0]["score"], 0.0);

  Client client(world);
  v1::SearchItemsRequest request;
  request.set_term("example");
  request.add_item_types(v1::SEARCH_ITEM_TYPE_PERSON);
  request.set_page_size(7);
  std::set<std::string> ids;
  for (int page = 0; page < 3; ++page) {
    const Answer answer = client.Search(request);
    ASSERT_TRUE(answer.status.ok()) << answer.status.error_message();
    EXPECT_EQ(answer.response.items_size(), 7);
    for (const v1::SearchItem& item : answer.response.items()) ids.insert(item.id());
    request.set_page_token(answer.response.next_page_token());
  }
  EXPECT_EQ(ids.size(), 21u) << "no item comes twice";
  request.set_term("another");
  EXPECT_EQ(client.Search(request).status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  ExpectWellBehaved(world.Stats());
}

INSTANTIATE_TEST_SUITE_P(Versions, SearchBothVersions, ::testing::Values("v2", "v1"));

TEST(Search, ManySearchesStayWithinTheLimit) {
  World world({.persons = 200, .clock_scale = 20});
  world.StartService();
  Client client(world);
  std::atomic<int> next = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = next++; i < 60; i = next++) {
        const Answer answer = client.Search("person " + std::to_string(i));
        EXPECT_TRUE(answer.status.ok()) << answer.status.error_message();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(SearchCalls(world), 60);
  ExpectWellBehaved(world.Stats());
}

TEST(Search, EqualSearchesAtOneTimeShareACall) {
  World world({.persons = 200, .clock_scale = 10});
  world.StartService();
  Client client(world);
  // Two seconds of real time, which is plenty for all to come.
  world.Fault({{"match", {{"api", "pipedrive"}, {"path_prefix", "/api/v2/itemSearch"}}},
               {"kind", "latency"},
               {"count", -1},
               {"delay_s", 20}});
  std::vector<std::thread> threads;
  for (int t = 0; t < 12; ++t) {
    threads.emplace_back([&client] {
      const Answer answer = client.Search("example");
      EXPECT_TRUE(answer.status.ok()) << answer.status.error_message();
      EXPECT_GT(answer.response.items_size(), 0);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(SearchCalls(world), 1);
}

// On the real clock: ten in two seconds are spent, and the next has 300 ms.
TEST(Search, ADeadlineShorterThanTheWaitIsToldAtOnce) {
  World world({.persons = 200, .clock_scale = 1});
  world.StartService();
  Client client(world);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(client.Search("person " + std::to_string(i)).status.ok());
  }
  const Answer refused = client.Search("one more", milliseconds(300));
  EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED)
      << refused.status.error_message();
  EXPECT_GT(refused.pushback_ms, 300);
  EXPECT_LE(refused.pushback_ms, 2100);
  EXPECT_LT(refused.took, milliseconds(300));
  // Who can wait as long as that is served.
  EXPECT_TRUE(client.Search("one more", milliseconds(refused.pushback_ms + 1500)).status.ok());
  EXPECT_EQ(SearchCalls(world), 11);
  ExpectWellBehaved(world.Stats());
}

TEST(Search, ABackfillLeavesRoom) {
  World world({.persons = 20000,
               .organizations = 4000,
               .clock_scale = 5,
               .sandbox_flags = {"--plan", "lite"}});
  world.StartService();
  ASSERT_EQ(world.Run({"sync", "persons", "--full", "--detach"}).exit_code, 0);
  Client client(world);
  int served = 0;
  while (served < 25) {
    // Ten seconds of the vendor's time.
    const Answer answer = client.Search("quux " + std::to_string(served), seconds(2));
    ASSERT_TRUE(answer.status.ok()) << answer.status.error_message();
    ++served;
  }
  const CommandResult runs = world.Run({"runs", "list", "--json"});
  ASSERT_EQ(runs.Objects().size(), 1u);
  EXPECT_EQ(runs.Objects()[0]["state"], "RUN_STATE_RUNNING") << "the backfill was too short";
  ExpectWellBehaved(world.Stats());
}

TEST(Search, ARefusedTokenIsTheServicesToMend) {
  World world({.persons = 50});
  world.StartService();
  world.Fault({{"match", {{"api", "pipedrive"}, {"path_prefix", "/api/v2/itemSearch"}}},
               {"kind", "401"},
               {"count", 1}});
  const Answer answer = Client(world).Search("example");
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_NE(answer.status.error_message().find("connectors.pipedrive.api_token"),
            std::string::npos);
}

TEST(Search, AStopEndsWhatWaits) {
  World world({.persons = 50, .clock_scale = 1});
  world.StartService();
  Client client(world);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(client.Search("person " + std::to_string(i)).status.ok());
  }
  Answer waiting;
  std::thread waiter([&] { waiting = client.Search("one more"); });
  EXPECT_EQ(world.StopService(), 0);
  waiter.join();
  // Served within the drain, or told that the service goes.
  EXPECT_TRUE(waiting.status.ok() || waiting.status.error_code() == grpc::StatusCode::UNAVAILABLE)
      << waiting.status.error_code() << ": " << waiting.status.error_message();
}

}  // namespace
}  // namespace connector::integration
