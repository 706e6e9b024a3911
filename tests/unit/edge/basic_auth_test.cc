#include "edge/basic_auth.h"

#include <gtest/gtest.h>

namespace connector::edge {
namespace {

TEST(BasicAuth, ReadsWhatRfc7617Shows) {
  EXPECT_EQ(BasicCredentials("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), "Aladdin:open sesame");
  EXPECT_EQ(BasicCredentials("basic   QWxhZGRpbjpvcGVuIHNlc2FtZQ== "), "Aladdin:open sesame");
  EXPECT_EQ(BasicCredentials("BASIC dGVzdDoxMjPCow=="), "test:123\xc2\xa3");
  EXPECT_EQ(BasicCredentials("Basic Og=="), ":");
  EXPECT_EQ(BasicCredentials("Basic YTpiOmM="), "a:b:c") << "a password may hold a colon";
}

TEST(BasicAuth, EverythingElseIsNothing) {
  for (const std::string header :
       {"", "Basic", "Basic ", "Basic =", "Basic ====", "Basic Q", "Basic QWxh!GRp", "Basic YWJj",
        "Basic YQ=a", "Basic Y=Q=", "Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        "BasicQWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Digest username=\"a\""}) {
    EXPECT_EQ(BasicCredentials(header), std::nullopt) << header;
  }
  EXPECT_EQ(BasicCredentials("Basic " + std::string(4000, 'Q')), std::nullopt);
  EXPECT_EQ(BasicCredentials(std::string("Basic QWxh\0GRp", 14)), std::nullopt);
}

TEST(BasicAuth, TheDigestIsOfUserAndPassword) {
  EXPECT_TRUE(SameDigest(CredentialsDigest("a", "b"), Sha256("a:b")));
  EXPECT_FALSE(SameDigest(CredentialsDigest("a", "b"), CredentialsDigest("a", "c")));
}

}  // namespace
}  // namespace connector::edge
