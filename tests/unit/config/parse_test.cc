#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "config/config.h"

namespace connector::config {
namespace {

using mapping::ConflictPolicy;
using mapping::Direction;
using testing::HasSubstr;

// A sound file with more lines at the top level.
std::string With(const std::string& lines) {
  return "connectors:\n"
         "  pipedrive: {api_token: abc, company_domain: acme}\n"
         "  brevo: {api_key: xkeysib-1}\n"
         "person_mapping: {email: email}\n" +
         lines;
}

std::string FirstProblem(const Loaded& loaded) {
  return loaded.problems.empty() ? "" : loaded.problems.front().text;
}

// A file under the test's own directory, removed at the end.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, const std::string& text)
      : path_(std::filesystem::path(testing::TempDir()) / ("connector_config_" + name)) {
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  std::string path() const { return path_; }

 private:
  const std::filesystem::path path_;
};

TEST(ParseTest, ASoundFileHasNoProblems) { EXPECT_EQ(FirstProblem(Parse(With(""), {})), ""); }

TEST(ParseTest, ReadsOptionsOfEveryKind) {
  const Loaded loaded =
      Parse(With("sync_options:\n"
                 "  persons:\n"
                 "    on_conflict: LATEST_WINS\n"
                 "    default_region: de\n"
                 "    incremental: {interval: 1h30m, jitter: 0.25}\n"
                 "    full: {interval: off}\n"
                 "rate: {reserved_share: 0.5}\n"
                 "http: {timeout: 90s, http2: yes, proxy: \"http://u:p@proxy:3128\"}\n"
                 "server: {grpc: {listen: \"[::1]:0\"}}\n"
                 "store: {url: postgresql://connector@db/sync}\n"
                 "workers: 8\n"),
            {});
  ASSERT_EQ(FirstProblem(loaded), "");
  const Connection& connection = loaded.config.connections.front();
  EXPECT_EQ(connection.persons.on_conflict, ConflictPolicy::kLatestWins);
  EXPECT_EQ(connection.persons.default_region, "DE");
  EXPECT_EQ(connection.persons.incremental.interval, std::chrono::minutes(90));
  EXPECT_EQ(connection.persons.incremental.jitter, 0.25);
  EXPECT_EQ(connection.persons.full.interval, Duration::zero());
  EXPECT_EQ(connection.reserved_share, 0.5);
  EXPECT_EQ(loaded.config.http.timeout, std::chrono::seconds(90));
  EXPECT_TRUE(loaded.config.http.http2);
  EXPECT_EQ(loaded.config.server.grpc_listen, "[::1]:0");
  EXPECT_EQ(loaded.config.store_url, "postgresql://connector@db/sync");
  EXPECT_EQ(loaded.config.workers, 8);
}

TEST(ParseTest, ReadsWhatFlowsBackToPipedrive) {
  const Loaded loaded = Parse(With("sync_options:\n"
                                   "  persons: {create_persons_from: [75, 60, 75]}\n"
                                   "  consent: {person_field: Newsletter, marketing_status: no}\n"),
                              {});
  ASSERT_EQ(FirstProblem(loaded), "");
  const Connection& connection = loaded.config.connections.front();
  EXPECT_EQ(connection.persons.create_persons_from, (std::vector<int64_t>{60, 75}));
  EXPECT_EQ(connection.consent.person_field, "Newsletter");
  EXPECT_EQ(connection.consent.unsubscribed_value, "unsubscribed");
  EXPECT_FALSE(connection.consent.marketing_status);
  EXPECT_THAT(Describe(loaded.config), HasSubstr("create_persons_from: 60, 75"));
}

TEST(ParseTest, PlainHttpIsForLoopback) {
  for (const char* origin : {"http://127.0.0.1:8081", "http://localhost:1", "http://[::1]:2",
                             "https://proxy.example.com"}) {
    const Loaded loaded =
        Parse("connectors: {pipedrive: {api_token: t, api_base_url: \"" + std::string(origin) +
                  "\"}, brevo: {api_key: k}}\n" + "person_mapping: {email: email}\n",
              {});
    EXPECT_EQ(FirstProblem(loaded), "") << origin;
    EXPECT_EQ(loaded.config.connections.front().pipedrive.api_base_url, origin);
  }
}

TEST(ParseTest, AMappingValueMayBeAMap) {
  const Loaded loaded =
      Parse(With("sync_options: {persons: {on_conflict: brevo_wins}}\n") + "", {});
  EXPECT_EQ(loaded.config.connections.front().person_mapping.front().on_conflict,
            ConflictPolicy::kBrevoWins);
  const Loaded mapped = Parse(
      "connectors:\n"
      "  pipedrive: {api_token: abc, company_domain: acme}\n"
      "  brevo: {api_key: xkeysib-1}\n"
      "person_mapping:\n"
      "  phone: {to: SMS, direction: both, on_conflict: latest_wins}\n"
      "  last_name: {to: LASTNAME, direction: to_pipedrive}\n"
      "  org_id.custom_fields.Size: SIZE\n",
      {});
  ASSERT_EQ(FirstProblem(mapped), "");
  const auto& rules = mapped.config.connections.front().person_mapping;
  EXPECT_EQ(rules[0].attribute, "SMS");
  EXPECT_EQ(rules[0].on_conflict, ConflictPolicy::kLatestWins);
  EXPECT_EQ(rules[1].direction, Direction::kToPipedrive);
  EXPECT_EQ(rules[2].direction, Direction::kToBrevo);
}

TEST(ParseTest, WhatFollowsFromOtherFieldsFlowsToBrevoOnly) {
  const auto parse = [](const std::string& mapping) {
    return Parse(
        "connectors:\n"
        "  pipedrive: {api_token: abc, company_domain: acme}\n"
        "  brevo: {api_key: xkeysib-1}\n"
        "person_mapping:\n" +
            mapping,
        {});
  };
  const std::string parts = "  first_name: FIRSTNAME\n  last_name: LASTNAME\n";
  for (const char* direction : {"both", "to_pipedrive"}) {
    const std::string option = std::string(", direction: ") + direction + "}\n";
    for (const char* source : {"won_deals_count", "total_revenue", "org_id.name"}) {
      EXPECT_THAT(FirstProblem(parse(std::string("  ") + source + ": {to: A" + option)),
                  HasSubstr("flows to Brevo only"));
    }
    EXPECT_THAT(FirstProblem(parse("  name: {to: FULLNAME" + option + parts)),
                HasSubstr("beside first_name and last_name"));
    EXPECT_EQ(FirstProblem(parse("  name: {to: FULLNAME" + option)), "");
  }
  const Loaded derived = parse("  name: FULLNAME\n" + parts);
  EXPECT_EQ(FirstProblem(derived), "");
  EXPECT_EQ(derived.config.connections.front().person_mapping[0].direction, Direction::kToBrevo);
}

TEST(ParseTest, StagesMayBeQualifiedByPipeline) {
  const Loaded loaded =
      Parse(With("deal_stage_mapping:\n  1: 60\n  2: {1: 61, won: 63}\n  \"3/7\": 64\n"), {});
  ASSERT_EQ(FirstProblem(loaded), "");
  const auto& rules = loaded.config.connections.front().deal_stage_mapping;
  ASSERT_EQ(rules.size(), 4u);
  EXPECT_EQ(rules[0].pipeline_id, std::nullopt);
  EXPECT_EQ(rules[1].pipeline_id, 2);
  EXPECT_EQ(rules[1].key, "1");
  EXPECT_EQ(rules[2].key, "won");
  EXPECT_EQ(rules[3].pipeline_id, 3);
  EXPECT_EQ(rules[3].key, "7");
  EXPECT_EQ(rules[3].line, 8);
}

TEST(ParseTest, ExpandsEnvironmentVariables) {
  const Environment environment = {{"TOKEN", "s3cret: {x}"}, {"SEATS", "7"}};
  const Loaded loaded = Parse(
      "connectors:\n"
      "  pipedrive: {api_token: \"${TOKEN}\", company_domain: acme, seats: \"${SEATS}\"}\n"
      "  brevo: {api_key: \"a$${TOKEN}b$\"}\n"
      "person_mapping: {email: email}\n",
      environment);
  ASSERT_EQ(FirstProblem(loaded), "");
  const Connection& connection = loaded.config.connections.front();
  EXPECT_EQ(connection.pipedrive.api_token.Reveal(), "s3cret: {x}");
  EXPECT_EQ(connection.pipedrive.seats, 7);
  EXPECT_EQ(connection.brevo.api_key.Reveal(), "a${TOKEN}b$");
}

TEST(ParseTest, AnExpandedValueIsNotQuoted) {
  const Loaded loaded = Parse(With("workers: ${TOKEN}\n"), {{"TOKEN", "hunter2"}});
  EXPECT_THAT(FirstProblem(loaded), HasSubstr("\"${TOKEN}\" is not a whole number"));
}

TEST(ParseTest, TheFileComesBeforeTheEnvironment) {
  const Loaded loaded = Parse(With(""), {{"BREVO_API_KEY", "other"}});
  EXPECT_EQ(loaded.config.connections.front().brevo.api_key.Reveal(), "xkeysib-1");
}

TEST(ParseTest, ReadsASecretFromAFile) {
  const TemporaryFile token("token", "from-file\r\n");
  const Loaded loaded =
      Parse("connectors:\n  pipedrive: {company_domain: acme, api_token_file: " + token.path() +
                "}\n  brevo: {api_key: k}\n" + "person_mapping: {email: email}\n",
            {});
  ASSERT_EQ(FirstProblem(loaded), "");
  EXPECT_EQ(loaded.config.connections.front().pipedrive.api_token.Reveal(), "from-file");
}

TEST(ParseTest, AnEmptySecretFileIsAnError) {
  const TemporaryFile token("empty", "\n");
  const Loaded loaded = Parse(
      "connectors:\n  pipedrive: {company_domain: acme, api_token_file: " + token.path() + "}\n",
      {});
  EXPECT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.problems.back().text, HasSubstr("is empty"));
}

TEST(ParseTest, AnEmptySectionIsNoProblem) {
  EXPECT_EQ(FirstProblem(Parse(With("server:\nwebhooks:\ndeal_stage_mapping:\n"), {})), "");
}

TEST(ParseTest, ADisabledConnectorNeedsNothing) {
  EXPECT_TRUE(Parse("connectors: {pipedrive: {enabled: false}}\n", {}).ok());
}

TEST(ParseTest, BoundsTheSizeOfTheFile) {
  const Loaded loaded = Parse("# " + std::string(1 << 20, 'x'), {});
  EXPECT_EQ(FirstProblem(loaded), "the file is larger than 1024 KiB");
}

TEST(ParseTest, BoundsTheDepth) {
  EXPECT_FALSE(Parse("a: " + std::string(500'000, '['), {}).ok());
  std::string block;
  for (int i = 0; i < 1000; ++i) block += std::string(i, ' ') + "a:\n";
  EXPECT_FALSE(Parse(block, {}).ok());
  std::string dashes;
  for (int i = 0; i < 250'000; ++i) dashes += "- ";
  EXPECT_FALSE(Parse(dashes + "x", {}).ok());
}

TEST(ParseTest, AliasesAreNotMultiplied) {
  std::string bomb = "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
  for (char c = 'b'; c < 'p'; ++c) {
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 9; ++i) bomb += std::string(i == 0 ? "" : ", ") + "*" + char(c - 1);
    bomb += "]\n";
  }
  const Loaded loaded = Parse(bomb + "webhooks: *o\nworkers: *o\n", {});
  EXPECT_FALSE(loaded.ok());
  EXPECT_LT(loaded.problems.size(), 100u);
}

TEST(ParseTest, ACycleOfAliasesEnds) {
  EXPECT_FALSE(Parse("connectors: &a\n  pipedrive: *a\n", {}).ok());
}

TEST(DescribeTest, ShowsEffectiveValuesAndNoSecrets) {
  const Loaded loaded = Parse(With("store: {url: \"postgresql://u:hunter2@db/x\"}\n"
                                   "http: {proxy: \"http://u:hunter2@proxy:3128\"}\n"),
                              {});
  const std::string text = Describe(loaded.config);
  EXPECT_THAT(text, HasSubstr("connectors.pipedrive.api_token: ***\n"));
  EXPECT_THAT(text, HasSubstr("connectors.pipedrive.api_base_url: https://acme.pipedrive.com\n"));
  EXPECT_THAT(text, HasSubstr("store.url: postgresql://***@db/x\n"));
  EXPECT_THAT(text, HasSubstr("sync_options.persons.incremental.interval: auto\n"));
  EXPECT_THAT(text, HasSubstr("person_mapping.email: email (both, pipedrive_wins)\n"));
  EXPECT_THAT(text, testing::Not(HasSubstr("hunter2")));
  EXPECT_THAT(text, testing::Not(HasSubstr("abc")));
}

}  // namespace
}  // namespace connector::config
