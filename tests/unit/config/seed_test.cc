// The configuration that the project promises to take as it stands, in both of its forms.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "config/config.h"

namespace connector::config {
namespace {

using mapping::Direction;

class SeedTest : public testing::TestWithParam<const char*> {
 protected:
  Loaded LoadSeed(const Environment& environment = {}) const {
    return Load(std::string(CONNECTOR_TEST_DATA_DIR) + "/" + GetParam() + ".yaml", environment);
  }
};

TEST_P(SeedTest, LoadsWithoutErrors) {
  const Loaded loaded = LoadSeed();
  EXPECT_TRUE(loaded.ok());
  ASSERT_EQ(loaded.config.connections.size(), 1u);
}

TEST_P(SeedTest, WarnsOfExampleCredentialsAndSharedLists) {
  const Loaded loaded = LoadSeed({{"BREVO_API_KEY", "xkeysib-real"}});
  std::vector<std::string> keys;
  for (const Problem& problem : loaded.problems) keys.push_back(problem.key);
  EXPECT_THAT(keys, testing::ElementsAre(
                        "connectors.pipedrive.api_token", "connectors.pipedrive.company_domain",
                        "deal_stage_mapping", "deal_stage_mapping", "deal_stage_mapping"));
}

TEST_P(SeedTest, IsReadWhole) {
  const Loaded loaded = LoadSeed({{"BREVO_API_KEY", "xkeysib-real"}});
  const Connection& connection = loaded.config.connections.front();
  EXPECT_TRUE(connection.pipedrive.enabled);
  EXPECT_EQ(connection.pipedrive.api_token.Reveal(), "your-pipedrive-api-token");
  EXPECT_EQ(connection.pipedrive.api_base_url, "https://yourcompany.pipedrive.com");
  EXPECT_EQ(connection.brevo.api_key.Reveal(), "xkeysib-real");
  EXPECT_TRUE(connection.sync.persons && connection.sync.leads);
  EXPECT_EQ(connection.lists.all_contacts, 60);
  EXPECT_EQ(connection.lists.churned, 63);
  EXPECT_EQ(connection.deal_stage_mapping.size(), 6u);
  EXPECT_EQ(connection.deal_stage_mapping.back().key, "lost");
  EXPECT_EQ(connection.deal_stage_mapping.back().list_id, 64);
  EXPECT_EQ(connection.webhooks.size(), 6u);
  EXPECT_EQ(connection.webhooks[4].brevo_event, "contact_merged");
}

TEST_P(SeedTest, MapsEveryLineOfTheMapping) {
  const Loaded loaded = LoadSeed();
  const Connection& connection = loaded.config.connections.front();
  ASSERT_EQ(connection.person_mapping.size(), 14u);
  EXPECT_EQ(connection.person_mapping[0].source, "email");
  EXPECT_EQ(connection.person_mapping[4].attribute, "SMS");
  EXPECT_EQ(connection.person_mapping[4].direction, Direction::kBoth);
  EXPECT_EQ(connection.person_mapping[10].source, "total_revenue");
  EXPECT_EQ(connection.person_mapping[10].direction, Direction::kToBrevo);
  EXPECT_EQ(connection.person_mapping[13].line, 31);
}

INSTANTIATE_TEST_SUITE_P(Config, SeedTest, testing::Values("seed", "seed_nested"));

}  // namespace
}  // namespace connector::config
