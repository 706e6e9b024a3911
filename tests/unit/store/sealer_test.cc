#include "store/sealer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "store/sql_store.h"

namespace connector::store {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Secret kFirst("first key, thirty-two characters");
const Secret kSecond("second key, also long enough here");

TEST(Sealer, OpensWhatItSealed) {
  const Sealer sealer({kFirst});
  for (const std::string& text :
       {std::string(), std::string("token"), std::string(5000, 'x'), std::string("\0\xff", 2)}) {
    const auto sealed = sealer.Seal(text, "here");
    ASSERT_TRUE(sealed.ok()) << sealed.status();
    EXPECT_EQ(*sealer.Open(*sealed, "here"), text);
    if (text.size() < 3) continue;
    EXPECT_THAT(*sealed, Not(HasSubstr(text)));
  }
}

TEST(Sealer, NeverSealsTheSameWayTwice) {
  const Sealer sealer({kFirst});
  EXPECT_NE(*sealer.Seal("token", "here"), *sealer.Seal("token", "here"));
}

TEST(Sealer, OldKeysStillOpenAndTheFirstSeals) {
  const std::string old = *Sealer({kFirst}).Seal("token", "here");
  const Sealer rotated({kSecond, Secret(), kFirst});
  EXPECT_EQ(*rotated.Open(old, "here"), "token");
  const std::string fresh = *rotated.Seal("token", "here");
  EXPECT_EQ(*Sealer({kSecond}).Open(fresh, "here"), "token");
  EXPECT_FALSE(Sealer({kFirst}).Open(fresh, "here").ok());
}

TEST(Sealer, EveryFlippedBitIsNoticed) {
  const Sealer sealer({kFirst});
  const std::string sealed = *sealer.Seal("a token that matters", "here");
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string bad = sealed;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    const auto opened = sealer.Open(bad, "here");
    ASSERT_EQ(opened.status().code(), absl::StatusCode::kDataLoss) << bit;
    EXPECT_THAT(std::string(opened.status().message()), HasSubstr("authorize again"));
  }
  for (size_t length = 0; length < sealed.size(); ++length) {
    EXPECT_FALSE(sealer.Open(sealed.substr(0, length), "here").ok()) << length;
  }
  EXPECT_FALSE(sealer.Open(sealed + "x", "here").ok());
}

TEST(Sealer, SealedBytesDoNotOpenElsewhere) {
  const Sealer sealer({kFirst});
  EXPECT_FALSE(sealer.Open(*sealer.Seal("token", "here"), "there").ok());
}

TEST(Sealer, WithoutAKeyNothingIsSealed) {
  const auto sealed = Sealer({Secret()}).Seal("token", "here");
  EXPECT_EQ(sealed.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(sealed.status().message()), HasSubstr("store.encryption_key"));
}

// What lies on the disk, all files of the database together.
std::string Bytes(const std::filesystem::path& directory) {
  std::stringstream all;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    all << std::ifstream(entry.path(), std::ios::binary).rdbuf();
  }
  return all.str();
}

TEST(Sealer, NoTokenLiesInTheDatabaseInClear) {
  std::string directory = (std::filesystem::temp_directory_path() / "sealer-XXXXXX").string();
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  ManualClock clock;
  {
    const auto store =
        MakeSqliteStore({.path = directory + "/connector.db", .token_keys = {kFirst}}, clock);
    ASSERT_TRUE(store.ok()) << store.status();
    Grant grant;
    grant.access_token = Secret("access-SPOTTED");
    grant.refresh_token = Secret("refresh-SPOTTED");
    ASSERT_TRUE((*store)->PutGrant("main", grant).ok());
    ASSERT_TRUE((*store)->SetWatermark("main", "w", "a mark in clear").ok());
    EXPECT_THAT(Bytes(directory), Not(HasSubstr("SPOTTED")));
  }
  EXPECT_THAT(Bytes(directory), Not(HasSubstr("SPOTTED")));
  EXPECT_THAT(Bytes(directory), HasSubstr("a mark in clear"));
  std::filesystem::remove_all(directory);
}

TEST(Sealer, AnotherKeyThanTheStoredGrantsIsAnErrorThatSaysWhatToDo) {
  std::string directory = (std::filesystem::temp_directory_path() / "sealer-XXXXXX").string();
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  ManualClock clock;
  const std::string path = directory + "/connector.db";
  Grant grant;
  grant.access_token = Secret("access");
  ASSERT_TRUE((*MakeSqliteStore({.path = path, .token_keys = {kFirst}}, clock))
                  ->PutGrant("main", grant)
                  .ok());
  const auto lost =
      (*MakeSqliteStore({.path = path, .token_keys = {kSecond}}, clock))->GetGrant("main");
  EXPECT_EQ(lost.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(lost.status().message()), HasSubstr("store.old_encryption_keys"));
  const auto kept =
      (*MakeSqliteStore({.path = path, .token_keys = {kSecond, kFirst}}, clock))->GetGrant("main");
  ASSERT_TRUE(kept.ok() && kept->has_value()) << kept.status();
  EXPECT_EQ((*kept)->access_token.Reveal(), "access");
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace connector::store
