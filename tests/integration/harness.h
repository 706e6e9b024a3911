#pragma once

// Starts the real binaries and looks at them from outside: the sandbox, the service, the command
// line.

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace connector::integration {

// How long anything may take before a test gives up on it; generous, since nothing waits it out.
inline constexpr std::chrono::seconds kPatience{90};

// A child process whose output goes to a file. Killed with the object.
class Process {
 public:
  Process(std::vector<std::string> arguments, std::string output_file);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // The rest of the first line that begins with `prefix`, waiting for it; fails the test if the
  // process ends first.
  std::string AwaitLine(const std::string& prefix);
  bool running();
  pid_t pid() const { return pid_; }
  void Signal(int signal);
  // Waits for the end; the exit code, or 128 + the signal that ended it.
  int Wait();
  std::string output() const;
  // Peak resident memory in KiB, of a running process.
  long PeakMemoryKib() const;

 private:
  pid_t pid_ = -1;
  int status_ = -1;
  bool ended_ = false;
  const std::string output_file_;
};

struct CommandResult {
  int exit_code = 0;
  std::string output;  // standard output and error
  // With --json: the objects of the lines.
  std::vector<nlohmann::json> Objects() const;
};

struct HttpResult {
  int status = 0;
  std::string body;
  std::string location;  // where a redirect leads to; nobody follows it
  nlohmann::json Json() const { return nlohmann::json::parse(body); }
};
HttpResult HttpGet(const std::string& url);
HttpResult HttpSend(const std::string& method, const std::string& url, const nlohmann::json& body);

// Looks again many times a second until it is true: what is waited for happens in another process.
// False after so long.
bool AwaitCondition(const std::function<bool()>& condition,
                    std::chrono::seconds patience = kPatience);

// A sandbox, a service on a clock shared with it, and a directory for both. The traffic of every
// test is recorded for the contract check under its name.
class World {
 public:
  struct Options {
    int persons = 1000;
    int organizations = 100;
    int existing_contacts = 150;
    double clock_scale = 30;
    std::vector<std::string> sandbox_flags;
    // Text replacements in the configuration, to spoil it.
    std::map<std::string, std::string> config_edits;
    std::string api_version = "v2";
  };

  explicit World(Options options);
  ~World();

  const std::string& sandbox() const { return sandbox_url_; }
  Process& service() { return *service_; }
  std::string admin_url() const { return "http://" + admin_address_; }
  std::string public_url() const { return "http://" + public_address_; }
  const std::string& grpc_address() const { return grpc_address_; }
  std::string directory() const { return directory_; }

  // Has Pipedrive tell the running service of every change, with these credentials.
  void Subscribe(const std::string& user, const std::string& password);

  // Again: its public door has the address it had.
  void StartService();
  void KillService();  // -9
  int StopService();   // SIGTERM; the exit code
  // Runs the command line against the service: Run({"sync", "persons"}).
  CommandResult Run(std::vector<std::string> arguments);
  // The last progress of a `sync persons` with these flags, or of a sync of another kind.
  nlohmann::json Sync(std::vector<std::string> flags = {}, const std::string& kind = "persons");

  nlohmann::json Stats();
  void ResetStats() { HttpSend("POST", sandbox_url_ + "/sandbox/stats/reset", {}); }
  // All Brevo contacts, without what may differ between equal runs.
  std::string State() { return HttpGet(sandbox_url_ + "/sandbox/state").body; }
  void Fault(const nlohmann::json& rule);
  std::string config_file() const { return directory_ + "/connector.yaml"; }

 private:
  void WriteConfig();

  const Options options_;
  std::string directory_;
  std::string clock_origin_;
  std::unique_ptr<Process> sandbox_;
  std::string sandbox_url_;
  std::unique_ptr<Process> service_;
  std::string grpc_address_;
  std::string admin_address_;
  std::string public_address_;
};

}  // namespace connector::integration
