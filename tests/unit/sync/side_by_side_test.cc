#include "sync/side_by_side.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "support/sync_fixture.h"

namespace connector::sync {
namespace {

// What goes wrong must end the test, not hang it.
constexpr auto kPatience = std::chrono::seconds(20);

class SideBySideTest : public testing::SyncFixture {
 protected:
  // Called by both sides: true once both have called it.
  bool Meet() {
    if (++arrived_ == 2) both_.set_value();
    return future_.wait_for(kPatience) == std::future_status::ready;
  }

 private:
  std::atomic<int> arrived_{0};
  std::promise<void> both_;
  std::shared_future<void> future_{both_.get_future()};
};

TEST_F(SideBySideTest, BothFetchAtOnceAndOneAtATimeHasTheTurn) {
  const auto session = StartRun();
  int inside = 0;
  int folded = 0;
  const auto walk = [&]() -> absl::Status {
    for (int page = 0; page < 200; ++page) {
      const bool met = session->turns().GiveWhile([&] { return page > 0 || Meet(); });
      if (!met) return absl::DeadlineExceededError("the other did not fetch");
      EXPECT_EQ(++inside, 1);
      ++folded;
      --inside;
    }
    return absl::OkStatus();
  };
  EXPECT_TRUE(SideBySide(*session, walk, walk).ok());
  EXPECT_EQ(folded, 400);
}

TEST_F(SideBySideTest, TheFirstFailureEndsTheOtherAndIsTold) {
  const auto session = StartRun();
  const auto fails = [&]() -> absl::Status { return absl::DataLossError("broken"); };
  const auto goes_on = [&]() -> absl::Status {
    while (true) {
      session->turns().GiveWhile([] { return 1; });
      CONNECTOR_RETURN_IF_ERROR(session->CheckGoOn());
    }
  };
  EXPECT_EQ(SideBySide(*session, fails, goes_on), absl::DataLossError("broken"));
  EXPECT_EQ(SideBySide(*session, goes_on, fails), absl::DataLossError("broken"));
  EXPECT_TRUE(session->CheckGoOn().ok());
}

TEST_F(SideBySideTest, AFullRunReadsBrevoWhileItReadsOrganizations) {
  pipedrive.organizations[1].id = 1;
  pipedrive.Put(1, "ann@example.com");
  brevo.Put("bob@example.com");
  const auto meet = [this] {
    return Meet() ? absl::OkStatus() : absl::DeadlineExceededError("the other did not come");
  };
  pipedrive.on_call = [&](const std::string& call) {
    return call == "organizations" ? meet() : absl::OkStatus();
  };
  brevo.on_call = [&](const std::string& call) {
    return call.substr(0, 8) == "contacts" ? meet() : absl::OkStatus();
  };
  EXPECT_EQ(RunAll(Full()).created, 1);
}

TEST_F(SideBySideTest, PersonsAreBoundOnlyWhenAllContactsAreKnown) {
  // By its EXT_ID the contact is the person's, though its address is an older one.
  brevo.Put("old@example.com").ext_id = "pd-7-1";
  pipedrive.Put(1, "new@example.com");
  pipedrive.page_size = 1;
  for (int64_t id = 2; id < 6; ++id) pipedrive.Put(id, absl::StrCat("p", id, "@example.com"));
  RunAll(Full());
  EXPECT_EQ(brevo.Find("old@example.com"), nullptr);
  EXPECT_NE(brevo.Find("new@example.com"), nullptr);
  EXPECT_EQ(brevo.contacts.size(), 5U);
}

}  // namespace
}  // namespace connector::sync
