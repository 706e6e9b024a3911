#include "sandbox.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <thread>

#include "brevo_seed.h"
#include "pipedrive_seed.h"
#include "poster.h"
#include "server.h"

namespace sandbox {

// The listeners, the thread that serves them, and the lock around the world.
class Sandbox::Network {
 public:
  explicit Network(Sandbox& owner)
      : owner_(owner), timer_(io_), poster_(io_), work_(boost::asio::make_work_guard(io_)) {}

  ~Network() { Stop(); }

  void Start() {
    World& world = owner_.world_;
    api_ = std::make_unique<Server>(
        io_, world.options.listen, world.clock,
        [this](Request request) { return Locked(&Gateway::Handle, std::move(request)); },
        [this](int delta) { CountConnections(delta); });
    reports_ = std::make_unique<Server>(
        io_, world.options.reports_listen, world.clock,
        [this](Request request) { return Locked(&Gateway::HandleReports, std::move(request)); },
        [](int) {});
    world.api_url = api_->Url();
    world.reports_url = reports_->Url();
    world.post = [this](const auto& url, const auto& body, const auto& headers, auto done) {
      poster_.Post(url, body, headers, [this, done = std::move(done)](int status) {
        const std::lock_guard<std::mutex> lock(mutex_);
        done(status);
      });
    };
    world.scheduler.set_on_change([this] { boost::asio::post(io_, [this] { Arm(); }); });
    api_->Accept();
    reports_->Accept();
    Arm();
    thread_ = std::thread([this] { io_.run(); });
  }

  void Stop() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

  std::mutex& mutex() { return mutex_; }

 private:
  Reply Locked(Reply (Gateway::*handle)(Request), Request request) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return (owner_.gateway_.*handle)(std::move(request));
  }

  void CountConnections(int delta) {
    const std::lock_guard<std::mutex> lock(mutex_);
    Stats& stats = owner_.world_.stats;
    stats.open_connections += delta;
    if (delta > 0) ++stats.connections;
    stats.max_open_connections = std::max(stats.max_open_connections, stats.open_connections);
  }

  // Sleeps until the next piece of work is due; a manual clock is pumped by requests alone.
  void Arm() {
    std::unique_lock<std::mutex> lock(mutex_);
    const auto due = owner_.world_.scheduler.NextDue();
    if (!due || owner_.world_.clock.manual()) return;
    const Micros wait = *due - owner_.world_.clock.Now();
    lock.unlock();
    timer_.expires_after(std::max(owner_.world_.clock.ToReal(wait), std::chrono::microseconds(1)));
    timer_.async_wait([this](boost::system::error_code error) {
      if (error) return;
      {
        const std::lock_guard<std::mutex> guard(mutex_);
        owner_.world_.scheduler.RunDue();
      }
      Arm();
    });
  }

  Sandbox& owner_;
  std::mutex mutex_;
  boost::asio::io_context io_;
  boost::asio::steady_timer timer_;
  Poster poster_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::unique_ptr<Server> api_, reports_;
  std::thread thread_;
};

Sandbox::Sandbox(const Options& options)
    : world_(options), gateway_(world_), network_(std::make_unique<Network>(*this)) {
  SeedPipedrive(world_.pipedrive, world_.options);
  SeedBrevo(world_.brevo, world_.pipedrive, world_.options);
  world_.stats.Reset();
}

Sandbox::~Sandbox() { Stop(); }

std::string Sandbox::Start() {
  try {
    network_->Start();
    return "";
  } catch (const std::exception& e) {
    return e.what();
  }
}

void Sandbox::Stop() { network_->Stop(); }

std::string Sandbox::ApiUrl() const { return world_.api_url; }
std::string Sandbox::ReportsUrl() const { return world_.reports_url; }

void Sandbox::With(const std::function<void(World&)>& look) {
  const std::lock_guard<std::mutex> lock(network_->mutex());
  look(world_);
}

Reply Sandbox::Handle(const Request& request) {
  const std::lock_guard<std::mutex> lock(network_->mutex());
  return gateway_.Handle(request);
}

Reply Sandbox::HandleReports(const Request& request) {
  const std::lock_guard<std::mutex> lock(network_->mutex());
  return gateway_.HandleReports(request);
}

}  // namespace sandbox
