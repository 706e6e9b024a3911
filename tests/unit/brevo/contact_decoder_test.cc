#include "brevo/contact_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "base/time_format.h"

namespace connector::brevo {
namespace {

using Labels = std::vector<std::string>;

TEST(DecodeContacts, ReadsAWholeContact) {
  const auto page = DecodeContacts(
      R"({"contacts":[{"id":247,"email":"Contact1@example.com","emailBlacklisted":true,
          "smsBlacklisted":false,"whatsappBlacklisted":false,"createdAt":"2017-05-01T17:05:03Z",
          "modifiedAt":"2017-05-01T17:05:03.123Z","listIds":[58,43],"listUnsubscribed":[9,3],
          "attributes":{"SMS":"33058407250","FIRSTNAME":"Meg","EMAIL":"contact1@example.com",
          "EXT_ID":"pd-1-2","LTV":12.5,"VIP":true,"NO":false,"COUNTRY":["USA","France"],
          "GENDER":2,"DOB":"1986-05-02","NONE":null,"BLANK":"","EMPTY":[],"ODD":{"a":1}},
          "consentGroups":[{"id":1,"status":"subscribed"}]}],"count":17655})");
  ASSERT_TRUE(page.ok()) << page.status();
  Contact expected;
  expected.id = 247;
  expected.email = "Contact1@example.com";
  expected.ext_id = "pd-1-2";
  expected.email_blacklisted = true;
  expected.modified_at = ParseTime("2017-05-01T17:05:03.123Z");
  expected.list_ids = {43, 58};
  expected.list_unsubscribed = {3, 9};
  expected.attributes = {{"COUNTRY", Labels{"France", "USA"}},
                         {"DOB", std::string("1986-05-02")},
                         {"FIRSTNAME", std::string("Meg")},
                         {"GENDER", 2.0},
                         {"LTV", 12.5},
                         {"NO", false},
                         {"SMS", std::string("33058407250")},
                         {"VIP", true}};
  ASSERT_EQ(page->contacts.size(), 1u);
  EXPECT_EQ(page->contacts[0], expected);
  EXPECT_EQ(page->total, 17655);
}

TEST(DecodeContacts, EverythingMayBeMissing) {
  const auto page = DecodeContacts(
      R"({"count":0,"contacts":[{"id":1},{"id":2,"email":null,"attributes":null,"listIds":null,
          "emailBlacklisted":null,"modifiedAt":7},
          {"id":3,"email":"33058407248@mailin-sms.com","attributes":{"EXT_ID":5}},
          {"id":4,"email":"jo33@mailin-sms.com"}]})");
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->contacts.size(), 4u);
  Contact expected;
  expected.id = 1;
  EXPECT_EQ(page->contacts[0], expected);
  expected.id = 2;
  EXPECT_EQ(page->contacts[1], expected);
  EXPECT_EQ(page->contacts[2].email, "") << "made up by Brevo";
  EXPECT_EQ(page->contacts[2].ext_id, "5");
  EXPECT_EQ(page->contacts[3].email, "jo33@mailin-sms.com");
}

TEST(DecodeContacts, AMalformedContactCostsOnlyItself) {
  const auto page = DecodeContacts(
      R"({"contacts":[{"id":1},{"email":"x@y.example"},null,{"id":3,"attributes":{"A":"\udc00"}},
          {"id":4,"email":[]},{"id":5}],"count":6})");
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->contacts.size(), 2u);
  std::vector<std::string> bad;
  for (const MalformedContact& contact : page->malformed) {
    bad.push_back(contact.id + ": " + contact.problem);
  }
  EXPECT_THAT(bad,
              ::testing::ElementsAre(": id is missing or not a positive number",
                                     ": the contact is not valid JSON",
                                     "3: the contact is not valid JSON", "4: email is not a text"));
}

TEST(DecodeContacts, APageThatIsNotWholeIsAnError) {
  for (const char* body : {"", "null", "{}", R"({"contacts":null})", R"({"contacts":[{"id":1})",
                           R"({"contacts":{}})", "<html>"}) {
    const auto page = DecodeContacts(body);
    EXPECT_TRUE(absl::IsUnavailable(page.status())) << body;
    EXPECT_EQ(ReactionOf(page.status()), Reaction::kRetry) << body;
  }
}

TEST(DecodeContact, ReadsOne) {
  EXPECT_EQ(DecodeContact(R"({"id":9,"email":"a@b.example"})")->email, "a@b.example");
  for (const char* body : {"", "null", "{}", "[]", R"({"id":0})"}) {
    EXPECT_TRUE(absl::IsUnavailable(DecodeContact(body).status())) << body;
  }
}

}  // namespace
}  // namespace connector::brevo
