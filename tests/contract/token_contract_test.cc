#include <atomic>
#include <thread>

#include "contract/store_contract.h"

namespace connector::store {
namespace {

Grant MakeGrant(const std::string& access) {
  Grant grant;
  grant.access_token = Secret(access);
  grant.refresh_token = Secret("refresh-" + access);
  grant.api_domain = "https://acme.pipedrive.com";
  grant.scope = "base,contacts:full";
  grant.refresh_at = Time(std::chrono::hours(1));
  grant.expires_at = Time(std::chrono::hours(2));
  return grant;
}

class TokenContract : public StoreContract {
 protected:
  Grant Stored() {
    const auto grant = store_->GetGrant(kConnection);
    EXPECT_TRUE(grant.ok() && grant->has_value()) << grant.status();
    return grant.ok() && *grant ? **grant : Grant();
  }
  bool Lease(int64_t version, const std::string& owner) {
    return store_->LeaseRenewal(kConnection, version, owner, clock_.Now(), kMinute).value();
  }
  bool Take(const std::string& state) {
    return store_->TakeAuthorization(kConnection, state, clock_.Now()).value();
  }
  absl::Status Begin(const std::string& state) {
    return store_->AddAuthorization(kConnection, state, clock_.Now(), clock_.Now() + kMinute);
  }
};
CONNECTOR_ON_ALL_STORES(TokenContract);

class PersistentTokenContract : public TokenContract {};
CONNECTOR_ON_PERSISTENT_STORES(PersistentTokenContract);

TEST_P(TokenContract, AGrantIsReadAsItWasWritten) {
  EXPECT_EQ(*store_->GetGrant(kConnection), std::nullopt);
  Grant grant = MakeGrant(std::string(2000, 'a'));
  grant.refused = "it was revoked";
  ASSERT_OK(store_->PutGrant(kConnection, grant));
  const Grant stored = Stored();
  EXPECT_EQ(stored.access_token.Reveal(), grant.access_token.Reveal());
  EXPECT_EQ(stored.refresh_token.Reveal(), grant.refresh_token.Reveal());
  EXPECT_EQ(stored.api_domain, grant.api_domain);
  EXPECT_EQ(stored.scope, grant.scope);
  EXPECT_EQ(stored.refresh_at, grant.refresh_at);
  EXPECT_EQ(stored.expires_at, grant.expires_at);
  EXPECT_EQ(stored.refused, grant.refused);
  EXPECT_EQ(*store_->GetGrant("other"), std::nullopt);
}

TEST_P(TokenContract, EveryChangeIsAnotherVersionAlsoAfterADrop) {
  ASSERT_OK(store_->PutGrant(kConnection, MakeGrant("a")));
  const int64_t first = Stored().version;
  ASSERT_OK(store_->DropGrant(kConnection));
  EXPECT_EQ(*store_->GetGrant(kConnection), std::nullopt);
  ASSERT_OK(store_->PutGrant(kConnection, MakeGrant("b")));
  EXPECT_NE(Stored().version, first);
  EXPECT_FALSE(Lease(first, "me"));
}

TEST_P(TokenContract, OneOwnerRenewsAtATime) {
  ASSERT_OK(store_->PutGrant(kConnection, MakeGrant("a")));
  const int64_t version = Stored().version;
  EXPECT_TRUE(Lease(version, "me"));
  EXPECT_FALSE(Lease(version, "you"));
  EXPECT_TRUE(Lease(version, "me"));
  ASSERT_OK(store_->FinishRenewal(kConnection, "me", MakeGrant("b")));
  EXPECT_EQ(Stored().access_token.Reveal(), "b");
  EXPECT_FALSE(Lease(version, "you"));
  EXPECT_TRUE(Lease(Stored().version, "you"));
}

TEST_P(TokenContract, ALeaseThatRanOutGoesToTheNext) {
  ASSERT_OK(store_->PutGrant(kConnection, MakeGrant("a")));
  const int64_t version = Stored().version;
  ASSERT_TRUE(Lease(version, "me"));
  clock_.Advance(kMinute);
  EXPECT_TRUE(Lease(version, "you"));
  EXPECT_CODE(store_->FinishRenewal(kConnection, "me", MakeGrant("b")), kFailedPrecondition);
  EXPECT_EQ(Stored().access_token.Reveal(), "a");
  ASSERT_OK(store_->FinishRenewal(kConnection, "you", MakeGrant("c")));
  EXPECT_EQ(Stored().access_token.Reveal(), "c");
}

TEST_P(TokenContract, ARightGivenBackIsFree) {
  ASSERT_OK(store_->PutGrant(kConnection, MakeGrant("a")));
  const int64_t version = Stored().version;
  ASSERT_TRUE(Lease(version, "me"));
  ASSERT_OK(store_->ReleaseRenewal(kConnection, "you"));
  EXPECT_FALSE(Lease(version, "you"));
  ASSERT_OK(store_->ReleaseRenewal(kConnection, "me"));
  EXPECT_TRUE(Lease(version, "you"));
}

TEST_P(TokenContract, ANewAuthorizationEndsARenewalUnderWay) {
  ASSERT_OK(store_->PutGrant(kConnection, MakeGrant("a")));
  ASSERT_TRUE(Lease(Stored().version, "me"));
  ASSERT_OK(store_->PutGrant(kConnection, MakeGrant("new")));
  EXPECT_CODE(store_->FinishRenewal(kConnection, "me", MakeGrant("b")), kFailedPrecondition);
  EXPECT_EQ(Stored().access_token.Reveal(), "new");
  ASSERT_TRUE(Lease(Stored().version, "me"));
  ASSERT_OK(store_->DropGrant(kConnection));
  EXPECT_CODE(store_->FinishRenewal(kConnection, "me", MakeGrant("b")), kFailedPrecondition);
  EXPECT_EQ(*store_->GetGrant(kConnection), std::nullopt);
}

TEST_P(TokenContract, OfManyThreadsOneGetsTheRight) {
  ASSERT_OK(store_->PutGrant(kConnection, MakeGrant("a")));
  const int64_t version = Stored().version;
  std::atomic<int> leased{0};
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] { leased += Lease(version, std::to_string(i)) ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(leased, 1);
}

TEST_P(TokenContract, AnAuthorizationIsTakenOnce) {
  ASSERT_OK(Begin("a"));
  EXPECT_FALSE(Take("b"));
  EXPECT_FALSE(store_->TakeAuthorization("other", "a", clock_.Now()).value());
  EXPECT_TRUE(Take("a"));
  EXPECT_FALSE(Take("a"));
}

TEST_P(TokenContract, AnAuthorizationExpires) {
  ASSERT_OK(Begin("a"));
  clock_.Advance(kMinute);
  EXPECT_FALSE(Take("a"));
}

TEST_P(TokenContract, OnlySoManyAuthorizationsAreKept) {
  for (int i = 0; i <= 1000; ++i) ASSERT_OK(Begin(std::to_string(i)));
  EXPECT_FALSE(Take("0"));
  EXPECT_TRUE(Take("1"));
  EXPECT_TRUE(Take("1000"));
}

TEST_P(PersistentTokenContract, GrantsOutliveTheProcess) {
  ASSERT_OK(store_->PutGrant(kConnection, MakeGrant("a")));
  ASSERT_OK(Begin("s"));
  Reopen();
  EXPECT_EQ(Stored().access_token.Reveal(), "a");
  EXPECT_TRUE(Take("s"));
}

}  // namespace
}  // namespace connector::store
