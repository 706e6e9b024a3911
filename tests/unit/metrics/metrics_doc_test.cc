// docs/metrics.md says exactly what the service serves.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "metrics/http_metrics.h"
#include "metrics/oauth_metrics.h"
#include "metrics/quota_metrics.h"
#include "metrics/registry.h"
#include "metrics/service_metrics.h"
#include "metrics/sync_metrics.h"
#include "metrics/webhook_metrics.h"

namespace connector::metrics {
namespace {

struct Described {
  std::string type;
  std::set<std::string> labels;
  bool operator==(const Described&) const = default;
};
using Table = std::map<std::string, Described>;

void PrintTo(const Described& described, std::ostream* out) {
  *out << described.type;
  for (const auto& label : described.labels) *out << ' ' << label;
}

std::filesystem::path MetricsPage() {
  // tests/unit/metrics/testdata -> the root of the tree
  return std::filesystem::path(CONNECTOR_TEST_DATA_DIR)
             .parent_path()
             .parent_path()
             .parent_path()
             .parent_path() /
         "docs" / "metrics.md";
}

Table ReadDocumentation() {
  std::ifstream file(MetricsPage());
  EXPECT_TRUE(file.good()) << MetricsPage();
  const std::regex row(R"(^\| `([a-z_]+)` \| ([a-z]+) \| ([a-z_, ]*) \|.*)");
  Table table;
  std::smatch match;
  for (std::string line; std::getline(file, line);) {
    if (!std::regex_match(line, match, row)) continue;
    Described& described = table[std::string(kPrefix) + match[1].str()];
    described.type = match[2];
    std::istringstream labels(match[3]);
    for (std::string label; std::getline(labels >> std::ws, label, ',');) {
      described.labels.insert(label);
    }
  }
  return table;
}

// Reads a page of the text format; of a histogram the sum stands for all.
Table ReadPage(const std::string& page) {
  const std::regex type(R"(^# TYPE (\S+) (\S+))");
  const std::regex sample(R"(^([a-z_]+)(?:\{(.*)\})? \S+$)");
  const std::regex label(R"(([a-z_]+)=")");
  Table table;
  std::istringstream lines(page);
  std::smatch match;
  for (std::string line; std::getline(lines, line);) {
    if (std::regex_search(line, match, type)) {
      table[match[1]].type = match[2];
    } else if (std::regex_match(line, match, sample)) {
      std::string name = match[1];
      if (name.ends_with("_sum")) name.resize(name.size() - 4);
      if (!table.contains(name)) continue;
      const std::string labels = match[2];
      for (std::sregex_iterator it(labels.begin(), labels.end(), label), end; it != end; ++it) {
        if ((*it)[1] != "le") table[name].labels.insert((*it)[1]);
      }
    }
  }
  return table;
}

void TouchWebhooks(WebhookMetrics& webhooks) {
  webhooks.OnWebhook("main", "http", "accepted", "");
  webhooks.OnStored("http", std::chrono::milliseconds(2));
  webhooks.OnPublicAnswer("/webhooks/pipedrive", 200);
  webhooks.OnHandled("main", "settled", 1);
  webhooks.ReadSilenceFrom([] {
    return std::vector<WebhookMetrics::Silence>{{"main", "pipedrive", 60}};
  });
}

void TouchEverything(Registry& registry, HttpMetrics& http, SyncMetrics& sync,
                     OAuthMetrics& oauth) {
  oauth.OnRenewal("main", "renewed");
  oauth.OnAuthorization("main", "granted");
  http.OnAttempt({"brevo", "contacts.get", 200, true, std::chrono::milliseconds(30), 0, 100});
  http.OnThrottled("brevo", "burst");
  http.OnRetry("brevo", "throttled");
  http.OnWaited("brevo", "webhook", std::chrono::milliseconds(5));
  http.OnRefused("brevo", "webhook", "contacts_second");
  http.OnCircuit("brevo", "main", 0);
  AddQuotaMetrics(registry, [] {
    BudgetReading budget{"pipedrive", "main", {}, {{"webhook", 1}}, "daily", 60};
    budget.limits.push_back({"daily_tokens", 30000, 100, 0.1, 60, 30, 500, true});
    return std::vector<BudgetReading>{budget};
  });
  sync.OnRecords("main", "full", "created");
  sync.OnFailure("main", "phone_invalid");
  sync.OnRunEnded("main", "full", "done", std::chrono::seconds(3));
  sync.OnChangeDelivered("main", std::chrono::seconds(1));
  sync.OnBrevoEvent("main", "sent");
  sync.OnOwnWrite("main", "merge_base");
  sync.OnBrevoChange("main", "contact_updated", "folded");
  sync.ReadWorkFrom([] {
    WorkReading work;
    work.connection = "main";
    work.runs = {{"running", 1}};
    return std::vector<WorkReading>{work};
  });
}

TEST(MetricsDocTest, TheTableIsWhatIsServed) {
  Registry registry;
  HttpMetrics http(registry);
  SyncMetrics sync(registry);
  OAuthMetrics oauth(registry);
  WebhookMetrics webhooks(registry);
  TouchEverything(registry, http, sync, oauth);
  TouchWebhooks(webhooks);
  const StoreMetrics store(registry);
  AddProcessMetrics(registry, "0.1.0", 1);
  const Table documented = ReadDocumentation();
  const Table served = ReadPage(registry.Serialize());
  for (const auto& [name, described] : served) {
    ASSERT_TRUE(documented.contains(name)) << name << " is not in docs/metrics.md";
    EXPECT_EQ(documented.at(name), described) << name;
  }
  for (const auto& [name, described] : documented) {
    EXPECT_TRUE(served.contains(name)) << name << " is documented and not served";
  }
}

}  // namespace
}  // namespace connector::metrics
