#include "metrics/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "metrics/http_metrics.h"
#include "metrics/quota_metrics.h"

namespace connector::metrics {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(RegistryTest, CountsByLabels) {
  Registry registry;
  Counter& counter = registry.AddCounter({"things_total", "Things", {"kind"}});
  counter.Add({"a"});
  counter.Add({"a"}, 2);
  counter.Add({"b"});
  const std::string page = registry.Serialize();
  EXPECT_THAT(page, HasSubstr("# HELP pipedrive_connector_things_total Things"));
  EXPECT_THAT(page, HasSubstr("# TYPE pipedrive_connector_things_total counter"));
  EXPECT_THAT(page, HasSubstr("pipedrive_connector_things_total{kind=\"a\"} 3"));
  EXPECT_THAT(page, HasSubstr("pipedrive_connector_things_total{kind=\"b\"} 1"));
}

TEST(RegistryTest, EscapesLabelValues) {
  Registry registry;
  registry.AddGauge({"level", "Level", {"name"}}).Set({"a\"b\\c\nd"}, 1);
  EXPECT_THAT(registry.Serialize(), HasSubstr("{name=\"a\\\"b\\\\c\\nd\"} 1"));
}

TEST(RegistryTest, HistogramsKeepTheirBounds) {
  Registry registry;
  registry.AddHistogram({"size", "Size", {}}, {1, 10}).Observe({}, 5);
  const std::string page = registry.Serialize();
  EXPECT_THAT(page, HasSubstr("size_bucket{le=\"1\"} 0"));
  EXPECT_THAT(page, HasSubstr("size_bucket{le=\"10\"} 1"));
  EXPECT_THAT(page, HasSubstr("size_sum 5"));
}

TEST(RegistryTest, LabelSetsBeyondTheBoundCountAsOther) {
  Registry registry;
  Counter& counter = registry.AddCounter({"things_total", "Things", {"kind"}});
  for (size_t i = 0; i < kMostLabelSets + 7; ++i) counter.Add({std::to_string(i)});
  const std::string page = registry.Serialize();
  EXPECT_THAT(page, HasSubstr("things_total{kind=\"999\"} 1"));
  EXPECT_THAT(page, Not(HasSubstr("things_total{kind=\"1000\"}")));
  EXPECT_THAT(page, HasSubstr("things_total{kind=\"other\"} 7"));
}

TEST(RegistryTest, ReadersAreAskedForEveryPage) {
  Registry registry;
  int asked = 0;
  registry.AddGauges({{"depth", "Depth", {"queue"}}},
                     [&asked](GaugeSink& sink) { sink.Set(0, {"inbox"}, ++asked); });
  EXPECT_THAT(registry.Serialize(), HasSubstr("depth{queue=\"inbox\"} 1"));
  EXPECT_THAT(registry.Serialize(), HasSubstr("depth{queue=\"inbox\"} 2"));
}

TEST(RegistryTest, ManyThreadsMayCount) {
  Registry registry;
  Counter& counter = registry.AddCounter({"things_total", "Things", {"kind"}});
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 1000; ++j) counter.Add({"a"});
      });
    }
    registry.Serialize();
  }
  EXPECT_THAT(registry.Serialize(), HasSubstr("things_total{kind=\"a\"} 4000"));
}

TEST(HttpMetricsTest, OutcomesAreClasses) {
  Registry registry;
  HttpMetrics metrics(registry);
  metrics.OnAttempt({"brevo", "contacts.get", 404});
  metrics.OnAttempt({"brevo", "contacts.get", 0});
  metrics.OnAttempt({"brevo", "contacts.get", 0, false});
  metrics.OnAttempt({"brevo", "contacts.get", 999});
  const std::string page = registry.Serialize();
  EXPECT_THAT(page, HasSubstr("outcome=\"4xx\"} 1"));
  EXPECT_THAT(page, HasSubstr("outcome=\"no_answer\"} 2"));
  EXPECT_THAT(page, HasSubstr("outcome=\"not_sent\"} 1"));
}

TEST(QuotaMetricsTest, LeavesOutWhatIsNotKnown) {
  Registry registry;
  AddQuotaMetrics(registry, [] {
    BudgetReading budget{"brevo", "main", {}, {}, "", 0, false};
    budget.limits.push_back({"contacts_second", 10, 4, 0.4, 1});
    return std::vector<BudgetReading>{budget};
  });
  const std::string page = registry.Serialize();
  EXPECT_THAT(page, HasSubstr("quota_headroom_ratio{api=\"brevo\",connection=\"main\","
                              "limit=\"contacts_second\"} 0.4"));
  EXPECT_THAT(page, HasSubstr("account_refused{api=\"brevo\",connection=\"main\"} 0"));
  EXPECT_THAT(page, Not(HasSubstr("quota_exhaustion_seconds")));
  EXPECT_THAT(page, Not(HasSubstr("quota_tokens_spent")));
  EXPECT_THAT(page, Not(HasSubstr("quota_pause_seconds")));
}

}  // namespace
}  // namespace connector::metrics
