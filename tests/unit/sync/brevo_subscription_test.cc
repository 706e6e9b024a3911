#include "sync/brevo_subscription.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace connector::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Action = SubscriptionStep::Action;

const std::string kUrl = "https://sync.example.com/webhooks/brevo";

class FakeBrevoWebhooks : public brevo::WebhookClient {
 public:
  std::vector<brevo::Subscription> held;
  std::vector<std::string> calls;

  absl::StatusOr<std::vector<brevo::Subscription>> ListWebhooks(const http::CallContext&) override {
    calls.emplace_back("list");
    return held;
  }
  absl::StatusOr<int64_t> CreateWebhook(const brevo::Subscription& wanted,
                                        const http::CallContext&) override {
    calls.emplace_back("create");
    held.push_back(wanted);
    return held.back().id = 100;
  }
  absl::Status UpdateWebhook(const brevo::Subscription& wanted, const http::CallContext&) override {
    calls.push_back(absl::StrCat("update ", wanted.id));
    for (brevo::Subscription& one : held) {
      if (one.id == wanted.id) one = wanted;
    }
    return absl::OkStatus();
  }
  absl::Status DeleteWebhook(int64_t id, const http::CallContext&) override {
    calls.push_back(absl::StrCat("delete ", id));
    std::erase_if(held, [id](const auto& one) { return one.id == id; });
    return absl::OkStatus();
  }
};

brevo::Subscription Good(int64_t id) {
  brevo::Subscription one;
  one.id = id;
  one.url = kUrl;
  one.events = {"contactDeleted", "contactUpdated", "hardBounce",  "listAddition",
                "opened",         "spam",           "unsubscribed"};
  one.token = Secret("token");
  return one;
}

TEST(BrevoSubscription, OneIsKeptAndTheRestIsMadeSo) {
  brevo::Subscription foreign = Good(1);
  foreign.url = "https://elsewhere.example/webhooks/brevo";
  brevo::Subscription unseen = Good(2);
  unseen.token.reset();
  brevo::Subscription slash = Good(2);
  slash.url += "/";
  brevo::Subscription poor = Good(2);
  poor.events = {"contactUpdated"};
  brevo::Subscription batched = Good(2);
  batched.batched = true;
  brevo::Subscription old = Good(2);
  old.token = Secret("old");
  struct Case {
    const char* name;
    std::vector<brevo::Subscription> held;
    std::vector<std::string> calls;
  };
  for (const Case& c : {Case{"none", {}, {"create"}},
                        {"only others'", {foreign}, {"create"}},
                        {"as it should be", {foreign, Good(2)}, {}},
                        {"a token that is not shown", {unseen}, {}},
                        {"with a slash", {slash}, {}},
                        {"lacks events", {poor}, {"update 2"}},
                        {"batched", {batched}, {"update 2"}},
                        {"another token", {old}, {"update 2"}},
                        {"a double", {Good(3), Good(2)}, {"delete 3"}},
                        {"a poor double", {poor, Good(3)}, {"delete 2"}},
                        {"two poor ones",
                         {old,
                          [&] {
                            auto one = poor;
                            one.id = 3;
                            return one;
                          }()},
                         {"update 2", "delete 3"}}}) {
    SCOPED_TRACE(c.name);
    FakeBrevoWebhooks fake;
    fake.held = c.held;
    const BrevoSubscriptionSettings settings{kUrl, Secret("token")};
    std::vector<SubscriptionStep> steps = PlanBrevoSubscription(fake.held, settings);
    ASSERT_TRUE(ApplyBrevoSubscription(fake, settings, {}, steps).ok());
    EXPECT_EQ(fake.calls, c.calls);
    fake.calls.clear();
    steps = PlanBrevoSubscription(fake.held, settings);
    ASSERT_EQ(steps.size(), 1U);
    EXPECT_EQ(steps[0].action, Action::kKeep) << "and then all is well";
    EXPECT_NE(steps[0].id, 0);
  }
}

TEST(BrevoSubscription, WithoutAnAddressNothingIsDone) {
  EXPECT_THAT(PlanBrevoSubscription({Good(1)}, {"", Secret("token")}), IsEmpty());
  EXPECT_FALSE(IsOurs(Good(1), {"", Secret("token")}));
}

}  // namespace
}  // namespace connector::sync
