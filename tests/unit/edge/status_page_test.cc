#include "edge/status_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "edge/admin.h"

namespace connector::edge {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

ServiceStatus Troubled() {
  ServiceStatus status;
  status.version = "0.1.0";
  status.problems = {"default/brevo: key <refused>\xff"};
  ConnectionStatus& one = status.connections.emplace_back();
  one.connection = "default";
  one.brevo.state = AccountState::kCredentialRefused;
  one.brevo.quotas = {{"burst", 10, 3, 0.3, 1.5, true}};
  one.contacts = {5, Time(std::chrono::hours(1))};
  Run& run = one.runs.emplace_back();
  run.id = "r1";
  run.progress.failed[FailureReason::kInternal] = 2;
  one.failures.push_back({.id = 1,
                          .run_id = "r1",
                          .entity = "contact",
                          .entity_id = "jane.doe@example.com",
                          .reason = FailureReason::kInvalidPhone,
                          .field = "SMS",
                          .detail = "jane.doe@example.com has no number",
                          .created_at = {}});
  return status;
}

TEST(StatusJson, SaysEverythingAndStaysJson) {
  worker::StatusHistory::Snapshot history;
  history.times = {Time{}, Time(std::chrono::seconds(30))};
  history.series["default/brevo/burst"] = {std::nullopt, 0.3};
  const auto page = nlohmann::json::parse(StatusJson(Troubled(), history));
  EXPECT_EQ(page["ready"], false);
  EXPECT_THAT(page["problems"][0].get<std::string>(), HasSubstr("<refused>"));
  const auto& one = page["connections"][0];
  EXPECT_EQ(one["pipedrive"]["state"], "ok");
  EXPECT_EQ(one["brevo"]["state"], "credential_refused");
  EXPECT_EQ(one["brevo"]["quotas"][0]["remaining"], 3);
  EXPECT_EQ(one["queues"]["contacts"]["depth"], 5);
  EXPECT_EQ(one["queues"]["contacts"]["oldest"], "1970-01-01T01:00:00.000Z");
  EXPECT_EQ(one["queues"]["inbox"]["oldest"], nullptr);
  EXPECT_EQ(one["runs"][0]["failed"], 2);
  EXPECT_EQ(one["last_brevo_webhook"], nullptr);
  EXPECT_EQ(page["history"]["series"]["default/brevo/burst"],
            nlohmann::json::array({nullptr, 0.3}));
}

TEST(StatusJson, ShowsNoWholeAddress) {
  const std::string text = StatusJson(Troubled(), {});
  EXPECT_THAT(text, AllOf(Not(HasSubstr("jane.doe")), HasSubstr("j…@example.com")));
}

TEST(ShortenAddresses, AwkwardTexts) {
  const std::pair<const char*, const char*> cases[] = {
      {"", ""},
      {"no address", "no address"},
      {"@", "@"},
      {"a@b.c", "a…@b.c"},
      {"<jane@x.y>, joe+1@x.y!", "<j…@x.y>, j…@x.y!"},
      {"ärger@x.y", "ä…@x.y"},
      {"jane@@x.y", "j…@@x.y"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(ShortenAddresses(text), expected) << text;
}

TEST(FailureHint, EveryReasonHasOne) {
  for (int reason = 0; reason <= static_cast<int>(FailureReason::kOtherCurrency); ++reason) {
    EXPECT_THAT(std::string(FailureHint(static_cast<FailureReason>(reason))), HasSubstr("."))
        << reason;
  }
}

TEST(PageFiles, MayLoadNothingFromElsewhereAndHoldNoInlineScriptOrStyle) {
  for (const char* path : {"/", "/status", "/status.css", "/status.js"}) {
    HttpResponse answer;
    ASSERT_TRUE(FindPageFile(path, answer)) << path;
    EXPECT_GT(answer.body.size(), 500U) << path;
    EXPECT_THAT(answer.body, Not(HasSubstr("https://"))) << path;
    std::string policy;
    for (const auto& [name, value] : answer.headers) {
      if (name == "Content-Security-Policy") policy = value;
    }
    EXPECT_THAT(policy, AllOf(HasSubstr("default-src 'none'"), HasSubstr("script-src 'self';"),
                              HasSubstr("style-src 'self';"), Not(HasSubstr("unsafe"))));
  }
  EXPECT_THAT(std::string(kStatusHtml), AllOf(Not(HasSubstr("<script>")), Not(HasSubstr("style=")),
                                              Not(HasSubstr("onclick"))));
  EXPECT_THAT(std::string(kStatusJs), Not(HasSubstr("innerHTML")));
  HttpResponse answer;
  EXPECT_FALSE(FindPageFile("/status.html", answer));
}

TEST(AdminStatus, TheDataIsServedAndOnlyForReading) {
  AdminSources sources;
  sources.status = [] { return Troubled(); };
  sources.history = [] { return worker::StatusHistory::Snapshot(); };
  const HttpResponse answer = AnswerAdmin({.method = "GET", .path = "/status.json"}, sources);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "application/json");
  EXPECT_TRUE(nlohmann::json::accept(answer.body));
  EXPECT_EQ(AnswerAdmin({.method = "POST", .path = "/status.json"}, sources).status, 405);
}

}  // namespace
}  // namespace connector::edge
