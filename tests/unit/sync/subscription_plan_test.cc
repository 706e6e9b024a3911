#include "sync/subscription_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "base/time_format.h"
#include "support/fake_webhooks.h"

namespace connector::sync {
namespace {

using ::testing::ElementsAre;
using testing::FakeWebhooks;

const std::string kUrl = "https://sync.example.com/webhooks/pipedrive";
const std::string kElsewhere = "https://other.example.com/hook";

class SubscriptionsTest : public ::testing::Test {
 protected:
  // "keep *.person 1" for each step.
  std::vector<std::string> Plan(const Faults& faults = {}) {
    std::vector<std::string> lines;
    for (const SubscriptionStep& step : PlanSubscriptions(fake.held, settings, faults)) {
      lines.push_back(Line(step));
      EXPECT_FALSE(step.why.empty());
    }
    return lines;
  }
  static std::string Line(const SubscriptionStep& step) {
    constexpr const char* kWords[] = {"keep", "create", "remove", "replace"};
    return absl::StrCat(kWords[static_cast<int>(step.action)], " ", step.event, " ", step.id);
  }
  absl::Status Apply() {
    auto steps = PlanSubscriptions(fake.held, settings);
    return ApplySubscriptions(fake, fake.held.size(), settings, {}, steps);
  }

  FakeWebhooks fake;
  SubscriptionSettings settings{kUrl, {"person", "deal"}, "pipedrive", Secret("s3cr3t")};
};

TEST(DoorUrl, AppendsThePathOnce) {
  constexpr const char* kPath = "/webhooks/pipedrive";
  EXPECT_EQ(DoorUrl("https://sync.example.com", kPath), kUrl);
  EXPECT_EQ(DoorUrl("https://sync.example.com/", kPath), kUrl);
  EXPECT_EQ(DoorUrl("https://sync.example.com/webhooks/pipedrive/", kPath), kUrl);
  EXPECT_EQ(DoorUrl("https://example.com/crm", kPath),
            "https://example.com/crm/webhooks/pipedrive");
  EXPECT_EQ(DoorUrl("", kPath), "");
}

TEST_F(SubscriptionsTest, WhatIsMissingIsCreated) {
  EXPECT_THAT(Plan(), ElementsAre("create *.person 0", "create *.deal 0"));
  fake.Put("*", "person", kElsewhere);
  fake.Put("*", "deal", kUrl);
  EXPECT_THAT(Plan(), ElementsAre("create *.person 0", "keep *.deal 2"));
}

TEST_F(SubscriptionsTest, WithoutAnAddressNothingIsOurs) {
  fake.Put("*", "person", kUrl).name = "pipedrive-connector: person";
  settings.url = "";
  EXPECT_THAT(Plan(), ElementsAre());
}

TEST_F(SubscriptionsTest, DoublesGo) {
  settings.objects = {"person"};
  fake.Put("*", "person", kUrl);
  fake.Put("*", "person", kUrl + "/");
  fake.Put("create", "person", kUrl);
  fake.Put("*", "*", kUrl);
  fake.Put("*", "person", kElsewhere);
  EXPECT_THAT(Plan(), ElementsAre("keep *.person 1", "remove *.person 2", "remove create.person 3",
                                  "remove *.* 4"));
}

TEST_F(SubscriptionsTest, AGoodOneStaysBeforeAnOlderBadOne) {
  settings.objects = {"person"};
  fake.Put("*", "person", kUrl).is_active = false;
  fake.Put("*", "person", kUrl);
  EXPECT_THAT(Plan(), ElementsAre("keep *.person 2", "remove *.person 1"));
}

TEST_F(SubscriptionsTest, WhatIsNotAsItShouldBeIsReplaced) {
  settings.objects = {"person"};
  const std::vector<std::function<void(pipedrive::Subscription&)>> kWrong = {
      [](auto& one) { one.version = "1.0"; },     [](auto& one) { one.is_active = false; },
      [](auto& one) { one.user = "somebody"; },   [](auto& one) { one.password = Secret("old"); },
      [](auto& one) { one.password = Secret(); },
  };
  for (const auto& make_wrong : kWrong) {
    fake.held.clear();
    auto& one = fake.Put("*", "person", kUrl);
    EXPECT_THAT(Plan(), ElementsAre(absl::StrCat("keep *.person ", one.id)));
    make_wrong(one);
    EXPECT_THAT(Plan(), ElementsAre(absl::StrCat("replace *.person ", one.id)));
  }
  fake.held.clear();
  const int64_t id = fake.Put("*", "person", kUrl).id;
  const auto steps = PlanSubscriptions(fake.held, settings, {{id, "is silent"}});
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].action, SubscriptionStep::Action::kReplace);
  EXPECT_EQ(steps[0].why, "is silent");
}

TEST_F(SubscriptionsTest, WhatIsNotWantedAnyMoreGoesOnlyIfItBearsOurName) {
  settings.objects = {"person"};
  fake.Put("*", "person", kUrl);
  fake.Put("*", "lead", kUrl).name = "pipedrive-connector: lead";
  fake.Put("*", "note", kUrl).name = "mine";
  fake.Put("*", "lead", kElsewhere).name = "pipedrive-connector: lead";
  EXPECT_THAT(Plan(), ElementsAre("keep *.person 1", "remove *.lead 2"));
  settings.objects.clear();
  EXPECT_THAT(Plan(), ElementsAre("remove *.lead 2"));
}

TEST_F(SubscriptionsTest, TheNewComesBeforeTheOldGoes) {
  settings.objects = {"person"};
  fake.Put("*", "person", kUrl).is_active = false;
  ASSERT_TRUE(Apply().ok());
  EXPECT_THAT(fake.calls, ElementsAre("create *.person", "delete 1"));
  ASSERT_EQ(fake.held.size(), 1u);
  EXPECT_EQ(fake.held[0].url, kUrl);
  EXPECT_EQ(fake.held[0].name, "pipedrive-connector: person");
  fake.calls.clear();
  ASSERT_TRUE(Apply().ok());
  EXPECT_THAT(fake.calls, ElementsAre());
}

TEST_F(SubscriptionsTest, WhereThereIsNoRoomTheOldGoesFirst) {
  settings.objects = {"person"};
  for (int i = 0; i < 39; ++i) fake.Put("*", "person", kElsewhere);
  fake.Put("*", "person", kUrl).is_active = false;
  ASSERT_TRUE(Apply().ok());
  EXPECT_THAT(fake.calls, ElementsAre("delete 40", "create *.person"));
}

TEST_F(SubscriptionsTest, AFailureEndsItAndAnotherTryTakesUpTheRest) {
  fake.Put("create", "person", kUrl);
  fake.on_call = [](const std::string& call) {
    return call == "create *.deal" ? absl::UnavailableError("down") : absl::OkStatus();
  };
  EXPECT_TRUE(absl::IsUnavailable(Apply()));
  fake.on_call = nullptr;
  fake.calls.clear();
  ASSERT_TRUE(Apply().ok());
  EXPECT_THAT(fake.calls, ElementsAre("create *.deal", "delete 1"));
}

TEST(LastDeliveryFailed, IsWhateverIsNo2xx) {
  pipedrive::Subscription one;
  EXPECT_FALSE(LastDeliveryFailed(one));
  one.last_delivery_time = ParseTime("2026-11-24T08:00:00Z");
  EXPECT_TRUE(LastDeliveryFailed(one));
  for (const int status : {199, 301, 401, 503}) {
    one.last_http_status = status;
    EXPECT_TRUE(LastDeliveryFailed(one)) << status;
  }
  one.last_http_status = 204;
  EXPECT_FALSE(LastDeliveryFailed(one));
}

}  // namespace
}  // namespace connector::sync
