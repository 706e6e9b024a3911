#include "cli/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/version.h"

namespace connector::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ParsedArguments Parse(std::vector<const char*> words) {
  words.insert(words.begin(), "pipedrive-connector");
  return ParseArguments(static_cast<int>(words.size()), words.data());
}

TEST(ArgumentsTest, ServeTakesAConfiguration) {
  const ParsedArguments parsed = Parse({"serve", "--config", "connector.yaml"});
  ASSERT_TRUE(parsed.arguments);
  EXPECT_EQ(parsed.arguments->verb, Verb::kServe);
  EXPECT_EQ(parsed.arguments->config_path, "connector.yaml");
}

TEST(ArgumentsTest, CheckTakesItsSwitches) {
  const ParsedArguments parsed =
      Parse({"check", "--config", "connector.yaml", "--live", "--fix", "--json"});
  ASSERT_TRUE(parsed.arguments);
  EXPECT_EQ(parsed.arguments->verb, Verb::kCheck);
  EXPECT_TRUE(parsed.arguments->live && parsed.arguments->fix && parsed.arguments->json);
}

TEST(ArgumentsTest, SyncPersonsHasDefaults) {
  const ParsedArguments parsed = Parse({"sync", "persons"});
  ASSERT_TRUE(parsed.arguments);
  EXPECT_EQ(parsed.arguments->verb, Verb::kSyncPersons);
  EXPECT_EQ(parsed.arguments->address, "127.0.0.1:9090");
  EXPECT_FALSE(parsed.arguments->full || parsed.arguments->dry_run || parsed.arguments->json);
}

TEST(ArgumentsTest, SyncPersonsTakesItsOptions) {
  const ParsedArguments parsed =
      Parse({"sync", "persons", "--full", "--dry-run", "--ids", "1,2,3", "--stop-after-failures",
             "5", "--address", "db:1", "--connection", "eu"});
  ASSERT_TRUE(parsed.arguments) << parsed.text;
  EXPECT_TRUE(parsed.arguments->full && parsed.arguments->dry_run);
  EXPECT_THAT(parsed.arguments->ids, ElementsAre(1, 2, 3));
  EXPECT_EQ(parsed.arguments->stop_after_failures, 5);
  EXPECT_EQ(parsed.arguments->address, "db:1");
  EXPECT_EQ(parsed.arguments->connection, "eu");
}

TEST(ArgumentsTest, ASweepIsConfirmedOnlyWithFull) {
  const ParsedArguments confirmed = Parse({"sync", "persons", "--full", "--confirm-sweep"});
  ASSERT_TRUE(confirmed.arguments) << confirmed.text;
  EXPECT_TRUE(confirmed.arguments->confirm_sweep);
  EXPECT_FALSE(Parse({"sync", "persons", "--confirm-sweep"}).arguments);
  EXPECT_FALSE(Parse({"sync", "deals", "--full", "--confirm-sweep"}).arguments);
}

TEST(ArgumentsTest, ExportNamesOnePerson) {
  const ParsedArguments by_email = Parse({"export", "ann@x.de"});
  ASSERT_TRUE(by_email.arguments) << by_email.text;
  EXPECT_EQ(by_email.arguments->verb, Verb::kExport);
  EXPECT_EQ(by_email.arguments->email, "ann@x.de");
  const ParsedArguments by_id = Parse({"export", "--person", "42"});
  ASSERT_TRUE(by_id.arguments) << by_id.text;
  EXPECT_EQ(by_id.arguments->verb, Verb::kExport);
  EXPECT_EQ(by_id.arguments->id, 42);
  EXPECT_FALSE(Parse({"export"}).arguments);
  EXPECT_FALSE(Parse({"export", "ann@x.de", "--person", "42"}).arguments);
  EXPECT_FALSE(Parse({"export", "--person", "0"}).arguments);
}

TEST(ArgumentsTest, SearchTakesItsOptions) {
  const ParsedArguments parsed =
      Parse({"search", "acme", "--type", "person", "--type", "deal,mail_attachment", "--field",
             "name", "--exact", "--limit", "7"});
  ASSERT_TRUE(parsed.arguments) << parsed.text;
  EXPECT_EQ(parsed.arguments->verb, Verb::kSearch);
  EXPECT_EQ(parsed.arguments->term, "acme");
  EXPECT_THAT(parsed.arguments->item_types, ElementsAre("person", "deal", "mail_attachment"));
  EXPECT_THAT(parsed.arguments->fields, ElementsAre("name"));
  EXPECT_TRUE(parsed.arguments->exact);
  EXPECT_EQ(parsed.arguments->limit, 7);
  // An option that takes several names must not swallow the term.
  EXPECT_EQ(Parse({"search", "--type", "person", "acme"}).arguments->term, "acme");
  const ParsedArguments wrong = Parse({"search", "acme", "--type", "quote"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.text, HasSubstr("mail_attachment"));
}

TEST(ArgumentsTest, SyncDealsTakesTheSameButNoList) {
  const ParsedArguments parsed = Parse({"sync", "deals", "--full", "--ids", "4,5"});
  ASSERT_TRUE(parsed.arguments) << parsed.text;
  EXPECT_EQ(parsed.arguments->verb, Verb::kSyncDeals);
  EXPECT_TRUE(parsed.arguments->full);
  EXPECT_THAT(parsed.arguments->ids, ElementsAre(4, 5));
  EXPECT_EQ(Parse({"sync", "deals", "--list", "5"}).exit_code, 2);
  EXPECT_EQ(Parse({"sync", "deals", "--follow", "r", "--full"}).exit_code, 2);
  EXPECT_EQ(Parse({"sync", "persons", "--list", "5", "--ids", "1"}).exit_code, 2);
}

TEST(ArgumentsTest, TheOtherKindsAreSyncedAlike) {
  EXPECT_EQ(Parse({"sync", "organizations"}).arguments->verb, Verb::kSyncOrganizations);
  EXPECT_EQ(Parse({"sync", "activities", "--filter-id", "4"}).arguments->filter_id, 4);
  const ParsedArguments leads = Parse({"sync", "leads", "--ids", "adf21080,adf21081"});
  ASSERT_TRUE(leads.arguments) << leads.text;
  EXPECT_EQ(leads.arguments->verb, Verb::kSyncLeads);
  EXPECT_THAT(leads.arguments->lead_ids, ElementsAre("adf21080", "adf21081"));
  EXPECT_EQ(Parse({"sync", "activities", "--ids", "x"}).exit_code, 2);
}

TEST(ArgumentsTest, OtherVerbs) {
  EXPECT_EQ(Parse({"health"}).arguments->verb, Verb::kHealth);
  EXPECT_EQ(Parse({"health", "--address", "db:1"}).arguments->address, "db:1");
  EXPECT_EQ(Parse({"runs", "list"}).arguments->verb, Verb::kRunsList);
  EXPECT_EQ(Parse({"runs", "watch", "r1"}).arguments->run_id, "r1");
  EXPECT_EQ(Parse({"runs", "cancel", "r1"}).arguments->verb, Verb::kRunsCancel);
  EXPECT_EQ(Parse({"failures", "list", "--run", "r1"}).arguments->run_id, "r1");
  EXPECT_EQ(Parse({"failures", "retry"}).arguments->verb, Verb::kFailuresRetry);
  EXPECT_EQ(Parse({"search", "acme"}).arguments->term, "acme");
  EXPECT_EQ(Parse({"map-stage", "7"}).arguments->id, 7);
  EXPECT_TRUE(Parse({"report", "pipeline", "--by-lead-source", "--chart"}).arguments->lead_source);
  EXPECT_FALSE(Parse({"report", "pipeline", "--by-lead-source", "--by-list", "3"}).arguments)
      << "one split";
  EXPECT_EQ(Parse({"recents", "--since", "2026-11-24"}).arguments->since, "2026-11-24");
  EXPECT_EQ(Parse({"report", "pipeline", "--pipeline", "1,2"}).arguments->pipeline_ids.size(), 2u);
  EXPECT_EQ(Parse({"webhooks", "ensure"}).arguments->verb, Verb::kWebhooksEnsure);
  EXPECT_TRUE(Parse({"webhooks", "ensure", "--dry-run"}).arguments->dry_run);
  EXPECT_EQ(Parse({"webhooks", "list"}).arguments->verb, Verb::kWebhooksList);
  EXPECT_EQ(Parse({"explain", "person", "42"}).arguments->id, 42);
  EXPECT_EQ(Parse({"explain", "contact", "a@x.de", "--refresh"}).arguments->email, "a@x.de");
  EXPECT_TRUE(Parse({"explain", "contact", "a@x.de", "--refresh"}).arguments->refresh);
  EXPECT_TRUE(Parse({"erase", "a@x.de", "--confirm"}).arguments->confirm);
  EXPECT_EQ(Parse({"duplicates", "list"}).arguments->verb, Verb::kDuplicatesList);
  EXPECT_EQ(Parse({"duplicates", "merge", "1", "2", "3", "--confirm"}).arguments->ids.size(), 2u);
  EXPECT_EQ(Parse({"reconcile"}).arguments->verb, Verb::kReconcile);
  EXPECT_EQ(Parse({"reconcile", "--list", "1,2"}).arguments->list_ids.size(), 2u);
}

TEST(ArgumentsTest, AnIdThatIsNoneIsNamed) {
  EXPECT_THAT(Parse({"map-stage", "abc"}).text,
              testing::HasSubstr("deal: must be a positive whole number, not abc\n"));
}

TEST(ArgumentsTest, RefusesWhatCannotBeMeant) {
  const std::vector<std::vector<const char*>> cases = {
      {},
      {"serve"},
      {"serf", "--config", "x"},
      {"check", "--config", "x", "--fix"},
      {"sync"},
      {"sync", "persons", "--ids", "1", "--filter-id", "2"},
      {"sync", "persons", "--ids", "one"},
      {"sync", "persons", "--filter-id", "-1"},
      {"sync", "persons", "--follow", "r1", "--full"},
      {"runs", "watch"},
      {"explain", "person", "x"},
      {"explain", "contact"},
      {"erase", "a@x.de"},
      {"duplicates", "merge", "1", "2"},
      {"duplicates", "merge", "1", "--confirm"},
      {"reconcile", "--examples", "0"},
      {"reconcile", "--examples", "1001"},
      {"map-stage", "0"},
      {"map-stage", "1.5"},
      {"map-stage", "99999999999999999999"},
  };
  for (const auto& words : cases) {
    const ParsedArguments parsed = Parse(words);
    EXPECT_FALSE(parsed.arguments);
    EXPECT_EQ(parsed.exit_code, 2);
    EXPECT_FALSE(parsed.text.empty());
  }
}

TEST(ArgumentsTest, HelpAndVersionSucceed) {
  const ParsedArguments help = Parse({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.text, HasSubstr("check"));
  const ParsedArguments version = Parse({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.text, HasSubstr(kVersion));
}

TEST(VersionTest, IsTheProjects) {
  std::ifstream file(std::filesystem::path(CONNECTOR_TEST_DATA_DIR "/../../../../CMakeLists.txt")
                         .lexically_normal());
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_THAT(text.str(), HasSubstr(std::string("VERSION ") + kVersion));
}

}  // namespace
}  // namespace connector::cli
