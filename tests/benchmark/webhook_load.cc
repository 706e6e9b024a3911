// Senders of webhooks, and what to hold their rates against; for tests/benchmark/webhooks.sh.
//   webhook_load sqlite DIRECTORY SECONDS             the store's own rows and indexes, raw, in one
//   file webhook_load serve-echo                           HandleWebhook that answers at once
//   webhook_load grpc HOST:PORT SECONDS [RATE]
//   webhook_load http HOST:PORT SECONDS [RATE]        user "pipedrive", password "benchmark"
// Without a rate 256 are under way all the time; with one they leave at fixed times, whatever comes
// back when, and their time counts from then. The last word of the line is the rate, for scripts.

#include <arpa/inet.h>
#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "pipedrive_connector/v1/service.grpc.pb.h"
#include "store/sql_store.h"
#include "store/sqlite_handle.h"

namespace {

namespace v1 = pipedrive_connector::v1;
using Steady = std::chrono::steady_clock;

constexpr int kUnderWay = 256;
constexpr size_t kBodyBytes = 2'048;

// A change of one of 10,000 deals, of 2 kB; every number is another event.
std::string Webhook(uint64_t number) {
  std::string body = "{\"meta\":{\"action\":\"change\",\"entity\":\"deal\",\"entity_id\":\"" +
                     std::to_string(1 + number % 10'000) + "\",\"id\":\"" +
                     std::to_string(::getpid()) + "-" + std::to_string(number) +
                     "\",\"timestamp\":\"2026-01-02T03:04:05.678Z\",\"version\":\"2.0\"},"
                     "\"data\":null,\"previous\":{},\"padding\":\"";
  body.resize(kBodyBytes - 2, 'x');
  return body + "\"}";
}

// Milliseconds of answers, and how many were none.
class Tally {
 public:
  void Add(double milliseconds, bool good) {
    const std::lock_guard lock(mutex_);
    if (good)
      milliseconds_.push_back(milliseconds);
    else
      ++bad_;
  }
  void Print(const std::string& what, double seconds) {
    const std::lock_guard lock(mutex_);
    std::sort(milliseconds_.begin(), milliseconds_.end());
    const auto at = [this](double q) {
      if (milliseconds_.empty()) return 0.0;
      const auto i = static_cast<size_t>(q * static_cast<double>(milliseconds_.size()));
      return milliseconds_[std::min(i, milliseconds_.size() - 1)];
    };
    std::printf("  %-40s p50 %7.2f ms  p99 %7.2f ms  max %8.2f ms  refused %ld  per second %.0f\n",
                what.c_str(), at(0.5), at(0.99), at(1), bad_,
                static_cast<double>(milliseconds_.size()) / seconds);
  }

 private:
  std::mutex mutex_;
  std::vector<double> milliseconds_;
  long bad_ = 0;
};

double Since(Steady::time_point then) {
  return std::chrono::duration<double, std::milli>(Steady::now() - then).count();
}

// When each call leaves: now, or by a fixed rate.
class Pace {
 public:
  Pace(double seconds, double rate)
      : rate_(rate),
        begin_(Steady::now()),
        end_(begin_ +
             std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(seconds))) {
  }
  // False at the end.
  bool Next(uint64_t& number, Steady::time_point& at) {
    number = next_++;
    at = Steady::now();
    if (rate_ > 0) {
      at = begin_ + std::chrono::duration_cast<Steady::duration>(
                        std::chrono::duration<double>(static_cast<double>(number) / rate_));
      if (at < end_) std::this_thread::sleep_until(at);
    }
    return at < end_;
  }
  bool paced() const { return rate_ > 0; }

 private:
  const double rate_;
  const Steady::time_point begin_;
  const Steady::time_point end_;
  std::atomic<uint64_t> next_{0};
};

// --- gRPC -------------------------------------------------------------------------------------

class GrpcLoad {
 public:
  GrpcLoad(const std::string& address, double seconds, double rate)
      : stub_(v1::PipedriveConnector::NewStub(
            grpc::CreateChannel(address, grpc::InsecureChannelCredentials()))),
        pace_(seconds, rate) {}

  void Run(const std::string& what, double seconds) {
    uint64_t number = 0;
    Steady::time_point at;
    if (pace_.paced()) {
      while (pace_.Next(number, at)) Start(number, at);
    } else {
      for (int i = 0; i < kUnderWay && pace_.Next(number, at); ++i) Start(number, at);
    }
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return under_way_ == 0; });
    tally_.Print(what, seconds);
  }

 private:
  struct Call {
    grpc::ClientContext context;
    v1::HandleWebhookRequest request;
    v1::HandleWebhookResponse response;
  };

  void Start(uint64_t number, Steady::time_point at) {
    {
      const std::lock_guard lock(mutex_);
      ++under_way_;
    }
    auto* call = new Call;
    call->context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    call->request.set_body(Webhook(number));
    stub_->async()->HandleWebhook(&call->context, &call->request, &call->response,
                                  [this, call, at](const grpc::Status& status) {
                                    tally_.Add(Since(at), status.ok());
                                    delete call;
                                    uint64_t next = 0;
                                    Steady::time_point now;
                                    if (!pace_.paced() && pace_.Next(next, now)) Start(next, now);
                                    const std::lock_guard lock(mutex_);
                                    if (--under_way_ == 0) idle_.notify_one();
                                  });
  }

  const std::unique_ptr<v1::PipedriveConnector::Stub> stub_;
  Pace pace_;
  Tally tally_;
  std::mutex mutex_;
  std::condition_variable idle_;
  int under_way_ = 0;
};

class EchoService : public v1::PipedriveConnector::CallbackService {
 public:
  grpc::ServerUnaryReactor* HandleWebhook(grpc::CallbackServerContext* context,
                                          const v1::HandleWebhookRequest*,
                                          v1::HandleWebhookResponse* response) override {
    response->set_outcome(v1::WEBHOOK_OUTCOME_ACCEPTED);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

int ServeEcho() {
  EchoService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  std::cout << "ready grpc=127.0.0.1:" << port << std::endl;
  server->Wait();
  return 0;
}

// --- HTTP -------------------------------------------------------------------------------------

// One connection that is kept; blocks.
class Connection {
 public:
  explicit Connection(const std::string& address) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    const size_t colon = address.rfind(':');
    to.sin_port = htons(static_cast<uint16_t>(std::atoi(address.c_str() + colon + 1)));
    ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    good_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // True if the answer was 200.
  bool Post(const std::string& body) {
    // Basic pipedrive:benchmark
    const std::string request =
        "POST /webhooks/pipedrive HTTP/1.1\r\nHost: b\r\nContent-Type: application/json\r\n"
        "Authorization: Basic cGlwZWRyaXZlOmJlbmNobWFyaw==\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    size_t sent = 0;
    while (good_ && sent < request.size()) {
      const ssize_t n = ::send(fd_, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
      good_ = n > 0;
      if (good_) sent += static_cast<size_t>(n);
    }
    return ReadAnswer();
  }

 private:
  bool ReadAnswer() {
    std::string answer;
    char buffer[4'096];
    size_t end = std::string::npos;
    size_t total = 0;
    while (good_ && (end == std::string::npos || answer.size() < total)) {
      const ssize_t n = ::recv(fd_, buffer, sizeof buffer, 0);
      good_ = n > 0;
      if (good_) answer.append(buffer, static_cast<size_t>(n));
      end = answer.find("\r\n\r\n");
      const size_t length = answer.find("Content-Length: ");
      if (end != std::string::npos && length != std::string::npos) {
        total = end + 4 + static_cast<size_t>(std::atoi(answer.c_str() + length + 16));
      }
    }
    return good_ && answer.rfind("HTTP/1.1 200", 0) == 0;
  }

  int fd_;
  bool good_ = false;
};

void HttpLoad(const std::string& address, const std::string& what, double seconds, double rate) {
  Pace pace(seconds, rate);
  Tally tally;
  std::vector<std::thread> threads;
  for (int i = 0; i < kUnderWay; ++i) {
    threads.emplace_back([&] {
      Connection connection(address);
      uint64_t number = 0;
      Steady::time_point at;
      while (pace.Next(number, at)) {
        const bool good = connection.Post(Webhook(number));
        tally.Add(Since(at), good);
        if (!good) return;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  tally.Print(what, seconds);
}

// --- SQLite -----------------------------------------------------------------------------------

// What no service can beat: the same rows into the same tables, 256 a commit, and nothing else.
int RawCommits(const std::string& directory, double seconds) {
  using namespace connector::store;
  const std::string path = directory + "/raw.db";
  const connector::SystemClock clock;
  if (const auto store = MakeSqliteStore({path}, clock); !store.ok()) {
    std::cerr << store.status() << '\n';
    return 1;
  }
  const auto opened = SqliteHandle::Open(path, SQLITE_OPEN_READWRITE, path);
  if (!opened.ok()) return 1;
  SqliteHandle& db = **opened;
  if (!db.Script("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 8192;").ok()) return 1;
  const auto begin = Steady::now();
  uint64_t number = 0;
  long commits = 0;
  while (Since(begin) < seconds * 1'000) {
    if (!db.Execute("BEGIN IMMEDIATE").ok()) return 1;
    for (int i = 0; i < kUnderWay; ++i, ++number) {
      const std::string body = Webhook(number);
      const std::string lane = "deal/" + std::to_string(1 + number % 10'000);
      const std::string key = lane + "/" + std::to_string(number);
      const auto id = static_cast<int64_t>(number + 1);
      if (!db.Execute("INSERT INTO inbox_keys (id, conn, key, received_at) VALUES (?, 1, ?, 0)", id,
                      key)
               .ok() ||
          !db.Execute("INSERT INTO inbox (id, conn, source, lane, received_at, bulk, body) "
                      "VALUES (?, 1, 0, ?, 0, 0, ?)",
                      id, lane, Blob{body})
               .ok()) {
        return 1;
      }
    }
    if (!db.Execute("COMMIT").ok()) return 1;
    ++commits;
  }
  const double took = Since(begin) / 1'000;
  std::printf("  %-40s %.0f commits per second, rows per second %.0f\n",
              "bare SQLite, 256 rows a commit", static_cast<double>(commits) / took,
              static_cast<double>(number) / took);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::string mode = arguments.empty() ? "" : arguments[0];
  if (mode == "serve-echo") return ServeEcho();
  if (arguments.size() < 3) {
    std::cerr << "usage: see the head of webhook_load.cc\n";
    return 2;
  }
  const double seconds = std::atof(arguments[2].c_str());
  const double rate = arguments.size() > 3 ? std::atof(arguments[3].c_str()) : 0;
  if (mode == "sqlite") return RawCommits(arguments[1], seconds);
  const std::string what =
      mode + (rate > 0 ? " at " + std::to_string(static_cast<long>(rate)) + " a second"
                       : ", 256 under way");
  if (mode == "grpc") GrpcLoad(arguments[1], seconds, rate).Run(what, seconds);
  if (mode == "http") HttpLoad(arguments[1], what, seconds, rate);
  return 0;
}
