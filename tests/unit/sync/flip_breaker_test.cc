// Records that something else keeps setting back.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sync_fixture.h"

namespace connector::sync {
namespace {

using connector::testing::FakeBrevo;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class FlipBreakerTest : public connector::testing::SyncFixture {
 protected:
  void SetUp() override {
    settings.two_way.flips_per_hour = 3;
    pipedrive.Put(1, "ann@x.de");
    RunAll();
    RunAll(Full());
  }
  // Somebody's automation sets the name back after each of our writes.
  RunProgress Quarrel(const std::string& in_pipedrive, const std::string& in_brevo) {
    clock.Advance(std::chrono::seconds(10));
    FakeBrevo::Set(*brevo.Find("ann@x.de"), "FIRSTNAME", in_brevo);
    brevo.Find("ann@x.de")->modified_at = clock.Now();
    pipedrive.persons[1].first_name = in_pipedrive;
    pipedrive.persons[1].update_time = clock.Now();
    ForgetCalls();
    return RunAll();
  }
};

TEST_F(FlipBreakerTest, ARecordThatIsSetBackForEverRestsForTheHourAndIsReportedOnce) {
  int written = 0;
  for (int i = 0; i < 20; ++i) {
    Quarrel(i % 2 == 0 ? "Anna" : "Ann", i % 2 == 0 ? "Ann" : "Anna");
    written += brevo.CountWrites() > 0 ? 1 : 0;
  }
  EXPECT_EQ(written, 2 + 3) << "two values, and three times back";
  ASSERT_THAT(Failures(), SizeIs(1));
  EXPECT_EQ(Failures()[0].field, "FIRSTNAME");
  EXPECT_THAT(Failures()[0].detail, HasSubstr("more than 3 times within an hour"));
  EXPECT_EQ(Quarrel("Anna", "Ann").skipped.at(SkipReason::kBreaker), 1);
  clock.Advance(std::chrono::hours(1));
  ForgetCalls();
  RunAll();
  EXPECT_EQ(FirstName("ann@x.de"), pipedrive.persons[1].first_name);
}

TEST_F(FlipBreakerTest, WhoeverEditsOftenButNotBackDoesNotRest) {
  for (int i = 0; i < 20; ++i) {
    const std::string name = "Ann" + std::to_string(i);
    Quarrel(name, FirstName("ann@x.de"));
    EXPECT_EQ(FirstName("ann@x.de"), name);
  }
  EXPECT_THAT(Failures(), SizeIs(0));
}

TEST_F(FlipBreakerTest, ABlockIsWrittenHoweverOftenItIsLifted) {
  const std::string key(40, 'c');
  settings.two_way.consent.person_field = key;
  pipedrive.person_fields.push_back({key, "Newsletter", "varchar", true, {}});
  pipedrive.persons[1].custom_fields.emplace_back(key, std::string("unsubscribed"));
  clock.Advance(std::chrono::minutes(6));
  for (int i = 0; i < 10; ++i) {
    brevo.Find("ann@x.de")->email_blacklisted = false;
    Quarrel("Ann", "Ann");
    RunAll(Full());
    EXPECT_TRUE(brevo.Find("ann@x.de")->email_blacklisted);
  }
}

}  // namespace
}  // namespace connector::sync
