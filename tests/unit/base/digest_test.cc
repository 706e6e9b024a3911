#include "base/digest.h"

#include <gtest/gtest.h>

namespace connector {
namespace {

// From FIPS 180-4's examples.
TEST(Digest, IsSha256) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, ComparesAllOfIt) {
  const Sha256Digest digest = Sha256("abc");
  EXPECT_TRUE(SameDigest(digest, Sha256("abc")));
  for (const size_t at : {0U, 15U, 31U}) {
    Sha256Digest other = digest;
    other[at] ^= 1;
    EXPECT_FALSE(SameDigest(digest, other)) << at;
  }
}

}  // namespace
}  // namespace connector
