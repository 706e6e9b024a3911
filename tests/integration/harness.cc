#include "integration/harness.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace connector::integration {
namespace {

constexpr char kConfig[] = R"(connectors:
  pipedrive:
    enabled: true
    api_token: "sandbox-pipedrive-token"
    company_domain: "acme"
    api_base_url: "@SANDBOX@"
    api_version: @VERSION@
    sync: {persons: true, deals: true, organizations: true, activities: true, leads: true}
    lists: {all_contacts: 60, qualified_leads: 61, customers: 62, churned: 63}
  brevo:
    api_key: "sandbox-brevo-key"
    api_base_url: "@SANDBOX@"
store: {url: "sqlite:@DIRECTORY@/connector.db"}
server:
  grpc: {listen: "127.0.0.1:0"}
  public: {listen: "127.0.0.1:0"}
  admin: {listen: "127.0.0.1:0"}
testing: {clock: {scale: @SCALE@, origin: @ORIGIN@}}
person_mapping:
  email: email
  name: FULLNAME
  first_name: FIRSTNAME
  last_name: LASTNAME
  phone: SMS
  org_id.name: COMPANY
  won_deals_count: WON_DEALS
  lost_deals_count: LOST_DEALS
  open_deals_count: OPEN_DEALS
  closed_deals_count: CLOSED_DEALS
  total_revenue: LTV
  custom_fields.lead_source: LEAD_SOURCE
  custom_fields.industry: INDUSTRY
  custom_fields.company_size: COMPANY_SIZE
)";

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  EXPECT_NE(value, nullptr) << name << " must name a file; ctest sets it";
  return value != nullptr ? value : "";
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void Replace(std::string& text, const std::string& what, const std::string& by) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

size_t Append(char* data, size_t size, size_t count, void* body) {
  static_cast<std::string*>(body)->append(data, size * count);
  return size * count;
}

HttpResult Perform(const std::string& method, const std::string& url, const std::string& body,
                   const std::string& header = "") {
  HttpResult result;
  CURL* curl = curl_easy_init();
  curl_slist* headers = curl_slist_append(nullptr, "content-type: application/json");
  if (!header.empty()) headers = curl_slist_append(headers, header.c_str());
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, Append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &result.body);
  if (!body.empty()) curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.c_str());
  EXPECT_EQ(curl_easy_perform(curl), CURLE_OK) << method << ' ' << url;
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  result.status = static_cast<int>(status);
  const char* location = nullptr;
  curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &location);
  if (location != nullptr) result.location = location;
  curl_slist_free_all(headers);
  curl_easy_cleanup(curl);
  return result;
}

}  // namespace

bool AwaitCondition(const std::function<bool()>& condition, std::chrono::seconds patience) {
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

Process::Process(std::vector<std::string> arguments, std::string output_file)
    : output_file_(std::move(output_file)) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_ = fork();
  if (pid_ != 0) return;
  const int out = open(output_file_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  execv(argv[0], argv.data());
  _exit(127);
}

Process::~Process() {
  if (!running()) return;
  Signal(SIGKILL);
  Wait();
}

bool Process::running() {
  if (!ended_ && waitpid(pid_, &status_, WNOHANG) == pid_) ended_ = true;
  return !ended_;
}

void Process::Signal(int signal) {
  if (!ended_) kill(pid_, signal);
}

int Process::Wait() {
  const bool ended = AwaitCondition([this] { return !running(); });
  EXPECT_TRUE(ended) << "process does not end; its output:\n" << output();
  if (!ended) return -1;
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

std::string Process::output() const { return ReadFile(output_file_); }

std::string Process::AwaitLine(const std::string& prefix) {
  std::string found;
  AwaitCondition([&] {
    std::istringstream lines(output());
    for (std::string line; std::getline(lines, line);) {
      if (line.rfind(prefix, 0) == 0) {
        found = line.substr(prefix.size());
        return true;
      }
    }
    return !running();
  });
  EXPECT_FALSE(found.empty()) << "no line '" << prefix << "...' in:\n" << output();
  return found;
}

long Process::PeakMemoryKib() const {
  std::istringstream lines(ReadFile("/proc/" + std::to_string(pid_) + "/status"));
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::stol(line.substr(6));
  }
  return 0;
}

std::vector<nlohmann::json> CommandResult::Objects() const {
  std::vector<nlohmann::json> objects;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
    if (object.is_object()) objects.push_back(std::move(object));
  }
  return objects;
}

HttpResult HttpGet(const std::string& url) { return Perform("GET", url, ""); }

HttpResult HttpSend(const std::string& method, const std::string& url, const nlohmann::json& body) {
  return Perform(method, url, body.is_null() ? "{}" : body.dump());
}

World::World(Options options) : options_(std::move(options)) {
  std::string pattern = (std::filesystem::temp_directory_path() / "connector-XXXXXX").string();
  directory_ = mkdtemp(pattern.data());
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  clock_origin_ = std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now).count());
  const std::string traffic = Environment("CONNECTOR_TRAFFIC_DIR");
  std::filesystem::create_directories(traffic);
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  std::string name = std::string(test->test_suite_name()) + "." + test->name();
  Replace(name, "/", "_");
  if (options_.api_version == "v1") name += "-v1";
  const std::string file = traffic + "/" + name + ".jsonl";
  std::filesystem::remove(file);
  std::vector<std::string> arguments = {Environment("PIPEDRIVE_BREVO_SANDBOX_BINARY"),
                                        "--listen",
                                        "127.0.0.1:0",
                                        "--persons",
                                        std::to_string(options_.persons),
                                        "--organizations",
                                        std::to_string(options_.organizations),
                                        "--existing-contacts",
                                        std::to_string(options_.existing_contacts),
                                        "--clock-scale",
                                        std::to_string(options_.clock_scale),
                                        "--clock-origin",
                                        clock_origin_,
                                        "--traffic",
                                        file,
                                        "--traffic-max-body",
                                        "2000000"};
  arguments.insert(arguments.end(), options_.sandbox_flags.begin(), options_.sandbox_flags.end());
  sandbox_ = std::make_unique<Process>(arguments, directory_ + "/sandbox.log");
  const std::string ready = sandbox_->AwaitLine("ready api=");
  sandbox_url_ = ready.substr(0, ready.find(' '));
  WriteConfig();
}

World::~World() {
  service_.reset();
  sandbox_.reset();
  if (testing::Test::HasFailure()) {
    std::cerr << "--- service\n" << ReadFile(directory_ + "/service.log").substr(0, 20'000);
  }
  std::filesystem::remove_all(directory_);
}

void World::WriteConfig() {
  std::string text = kConfig;
  Replace(text, "@SANDBOX@", sandbox_url_);
  Replace(text, "@DIRECTORY@", directory_);
  Replace(text, "@VERSION@", options_.api_version);
  Replace(text, "@SCALE@", std::to_string(options_.clock_scale));
  Replace(text, "@ORIGIN@", clock_origin_);
  for (const auto& [what, by] : options_.config_edits) Replace(text, what, by);
  std::ofstream(config_file()) << text;
}

void World::Subscribe(const std::string& user, const std::string& password) {
  const nlohmann::json hook = {{"subscription_url", public_url() + "/webhooks/pipedrive"},
                               {"event_action", "*"},
                               {"event_object", "*"},
                               {"name", "connector"},
                               {"version", "2.0"},
                               {"http_auth_user", user},
                               {"http_auth_password", password}};
  const HttpResult made = Perform("POST", sandbox_url_ + "/api/v1/webhooks", hook.dump(),
                                  "x-api-token: sandbox-pipedrive-token");
  EXPECT_EQ(made.status, 201) << made.body;
}

void World::StartService() {
  // Subscriptions know the door's address: it comes back where it was.
  if (!public_address_.empty()) {
    std::string text = ReadFile(config_file());
    Replace(text, "public: {listen: \"127.0.0.1:0\"}",
            "public: {listen: \"" + public_address_ + "\"}");
    std::ofstream(config_file()) << text;
  }
  const std::string log = directory_ + "/service.log";
  std::filesystem::remove(log);
  service_ =
      std::make_unique<Process>(std::vector<std::string>{Environment("PIPEDRIVE_CONNECTOR_BINARY"),
                                                         "serve", "--config", config_file()},
                                log);
  std::istringstream ready(service_->AwaitLine("ready grpc="));
  ready >> grpc_address_ >> admin_address_ >> public_address_;
  if (admin_address_.rfind("admin=", 0) == 0) admin_address_ = admin_address_.substr(6);
  if (public_address_.rfind("public=", 0) == 0) public_address_ = public_address_.substr(7);
}

void World::KillService() {
  service_->Signal(SIGKILL);
  service_->Wait();
}

int World::StopService() {
  service_->Signal(SIGTERM);
  return service_->Wait();
}

CommandResult World::Run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), Environment("PIPEDRIVE_CONNECTOR_BINARY"));
  if (arguments[1] != "check" && arguments[1] != "serve" && arguments[1] != "backup") {
    arguments.insert(arguments.end(), {"--address", grpc_address_});
  }
  const std::string output = directory_ + "/command.log";
  std::filesystem::remove(output);
  Process process(arguments, output);
  CommandResult result;
  result.exit_code = process.Wait();
  result.output = process.output();
  return result;
}

nlohmann::json World::Sync(std::vector<std::string> flags, const std::string& kind) {
  std::vector<std::string> arguments = {"sync", kind, "--json"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  const CommandResult result = Run(arguments);
  const std::vector<nlohmann::json> objects = result.Objects();
  EXPECT_FALSE(objects.empty()) << result.output;
  return objects.empty() ? nlohmann::json::object() : objects.back();
}

nlohmann::json World::Stats() { return HttpGet(sandbox_url_ + "/sandbox/stats").Json(); }

void World::Fault(const nlohmann::json& rule) {
  EXPECT_LT(HttpSend("POST", sandbox_url_ + "/sandbox/faults", rule).status, 300);
}

}  // namespace connector::integration
