// A client that searches, for tests/benchmark/search.sh.
//   search_load overhead SANDBOX_URL HOST:PORT SEARCHES    the call to Pipedrive alone and through
//   the service search_load steady HOST:PORT SECONDS                   five a second, whatever
//   comes back when

#include <curl/curl.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "pipedrive_connector/v1/service.grpc.pb.h"

namespace {

namespace v1 = pipedrive_connector::v1;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

std::unique_ptr<v1::PipedriveConnector::Stub> Connect(const std::string& address) {
  return v1::PipedriveConnector::NewStub(
      grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
}

grpc::Status Search(v1::PipedriveConnector::Stub& stub, const std::string& term) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  v1::SearchItemsRequest request;
  request.set_term(term);
  v1::SearchItemsResponse response;
  return stub.SearchItems(&context, request, &response);
}

double Quantile(std::vector<double>& sorted, double q) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1,
                         static_cast<size_t>(q * static_cast<double>(sorted.size())))];
}

void Print(const char* what, std::vector<double>& milliseconds) {
  std::sort(milliseconds.begin(), milliseconds.end());
  std::printf("  %-28s n=%zu  p50 %8.3f ms  p90 %8.3f ms  p99 %8.3f ms  max %8.3f ms\n", what,
              milliseconds.size(), Quantile(milliseconds, 0.5), Quantile(milliseconds, 0.9),
              Quantile(milliseconds, 0.99), milliseconds.empty() ? 0 : milliseconds.back());
}

size_t Discard(char*, size_t size, size_t count, void*) { return size * count; }

// One connection to the sandbox, kept open as the service's are.
class Bare {
 public:
  explicit Bare(std::string sandbox) : sandbox_(std::move(sandbox)), curl_(curl_easy_init()) {
    headers_ = curl_slist_append(nullptr, "x-api-token: sandbox-pipedrive-token");
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, Discard);
    curl_easy_setopt(curl_, CURLOPT_TCP_NODELAY, 1L);
  }
  ~Bare() {
    curl_slist_free_all(headers_);
    curl_easy_cleanup(curl_);
  }
  bool Search(const std::string& term) {
    const std::string url = sandbox_ + "/api/v2/itemSearch?term=" + term + "&limit=50";
    curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
    long status = 0;
    const bool sent = curl_easy_perform(curl_) == CURLE_OK;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
    return sent && status == 200;
  }

 private:
  const std::string sandbox_;
  CURL* curl_;
  curl_slist* headers_;
};

int Overhead(const std::string& sandbox, const std::string& address, int searches) {
  Bare bare(sandbox);
  const auto stub = Connect(address);
  std::vector<double> alone, through, difference;
  for (int i = -20; i < searches; ++i) {  // the first ones warm both ways up
    const std::string term = "person" + std::to_string(1000 + i);
    const auto began = Clock::now();
    if (!bare.Search(term)) {
      std::puts("the sandbox refuses");
      return 1;
    }
    const auto middle = Clock::now();
    const grpc::Status status = Search(*stub, term);
    const auto end = Clock::now();
    if (!status.ok()) {
      std::puts(status.error_message().c_str());
      return 1;
    }
    // So slow that no search waits for the rate budget, which takes notice of the calls made alone,
    // too.
    std::this_thread::sleep_for(std::chrono::milliseconds(15));
    if (i < 0) continue;
    alone.push_back(Milliseconds(middle - began).count());
    through.push_back(Milliseconds(end - middle).count());
    difference.push_back(through.back() - alone.back());
  }
  Print("upstream call alone", alone);
  Print("SearchItems", through);
  Print("what the service adds", difference);
  return 0;
}

// What several threads have seen.
struct Seen {
  std::mutex mutex;
  std::vector<double> took;
  int refused = 0;

  void Add(const grpc::Status& status, Clock::time_point since) {
    const std::lock_guard lock(mutex);
    if (!status.ok()) ++refused;
    if (status.ok()) took.push_back(Milliseconds(Clock::now() - since).count());
  }
  void Report(const char* what) {
    Print(what, took);
    std::printf("  refused: %d\n", refused);
  }
};

int Steady(const std::string& address, int seconds, int per_second) {
  const auto stub = Connect(address);
  Seen seen;
  std::vector<std::thread> threads;
  const auto began = Clock::now();
  for (int i = 0; i < seconds * per_second; ++i) {
    const auto due = began + std::chrono::microseconds(1'000'000) * i / per_second;
    std::this_thread::sleep_until(due);
    threads.emplace_back(
        [&, due, i] { seen.Add(Search(*stub, "person" + std::to_string(i)), due); });
  }
  for (std::thread& thread : threads) thread.join();
  seen.Report((std::to_string(per_second) + " a second").c_str());
  return 0;
}

int Crew(const std::string& address, int seconds, int callers) {
  const auto stub = Connect(address);
  Seen seen;
  std::atomic<int> next = 0;
  std::vector<std::thread> threads;
  const auto end = Clock::now() + std::chrono::seconds(seconds);
  for (int t = 0; t < callers; ++t) {
    threads.emplace_back([&] {
      while (Clock::now() < end) {
        const auto began = Clock::now();
        seen.Add(Search(*stub, "person" + std::to_string(next++)), began);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  seen.Report((std::to_string(callers) + " callers, each at once").c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "overhead" && argc == 5) return Overhead(argv[2], argv[3], std::atoi(argv[4]));
  if (mode == "steady" && argc == 5) return Steady(argv[2], std::atoi(argv[3]), std::atoi(argv[4]));
  if (mode == "crew" && argc == 5) return Crew(argv[2], std::atoi(argv[3]), std::atoi(argv[4]));
  std::fputs(
      "usage: search_load overhead SANDBOX_URL HOST:PORT SEARCHES | steady HOST:PORT SECONDS\n",
      stderr);
  return 2;
}
