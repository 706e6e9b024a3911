#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "mapping/person_mapper.h"

namespace connector::mapping {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

EmailChoice Choose(std::vector<ContactPoint> emails) {
  Person person;
  person.emails = std::move(emails);
  return ChooseEmail(person);
}

bool IsUsable(const std::string& text) { return !Choose({{text, "", true}}).email.empty(); }

TEST(ChooseEmail, Valid) {
  const std::string local64(64, 'a');
  for (const std::string& text : std::vector<std::string>{
           "a@x.de", "max.mustermann+crm@sub.example.co.uk", "o'brien@example.com",
           "a_b-c@ex-ample.museum", "1@2.io", "%percent%@x.de", "a@xn--mller-kva.de",
           "a@m\xC3\xBCller.de", ".dot.@docomo.ne.jp", local64 + "@x.de"}) {
    EXPECT_TRUE(IsUsable(text)) << text;
  }
}

TEST(ChooseEmail, Invalid) {
  for (const std::string& text : std::vector<std::string>{"max",
                                                          "max@",
                                                          "@x.de",
                                                          "max@localhost",
                                                          "max@@x.de",
                                                          "a@b@x.de",
                                                          "a b@x.de",
                                                          "a@x .de",
                                                          "a@x.de, b@x.de",
                                                          "Max <max@x.de>",
                                                          "mailto:max@x.de",
                                                          "a@.de",
                                                          "a@x..de",
                                                          "a@x.de.",
                                                          "a@-x.de",
                                                          "a@x-.de",
                                                          "a@x.d",
                                                          "a@x_y.de",
                                                          "m\xC3\xBCller@x.de",
                                                          "a\tb@x.de",
                                                          std::string("a\0b@x.de", 8),
                                                          "a@x.de;b",
                                                          "\"a b\"@x.de",
                                                          "a@[127.0.0.1]",
                                                          "n/a",
                                                          "-",
                                                          std::string(250, 'a') + "@x.de"}) {
    EXPECT_FALSE(IsUsable(text)) << text;
  }
}

TEST(ChooseEmail, AtMost254Bytes) {
  EXPECT_TRUE(IsUsable(std::string(249, 'a') + "@x.de"));
  EXPECT_FALSE(IsUsable(std::string(250, 'a') + "@x.de"));
}

TEST(ChooseEmail, LowerCaseAndTrimmed) {
  EXPECT_EQ(Choose({{"  Max.Muster@Example.COM\n", "", true}}).email, "max.muster@example.com");
  EXPECT_EQ(Choose({{"\xC2\xA0"
                     "a@x.de\xE2\x80\x8B",
                     "", true}})
                .email,
            "a@x.de");
}

TEST(ChooseEmail, ThePrimaryOne) {
  EXPECT_EQ(Choose({{"a@x.de", "home", false}, {"b@x.de", "work", true}}).email, "b@x.de");
}

TEST(ChooseEmail, TheFirstValidOneIfThePrimaryIsNone) {
  const EmailChoice choice = Choose(
      {{"none", "", false}, {"a@x.de", "", false}, {"b@x.de", "", false}, {" broken@", "", true}});
  EXPECT_EQ(choice.email, "a@x.de");
  EXPECT_THAT(choice.rejected, ElementsAre("none", " broken@"));
  EXPECT_TRUE(choice.has_any);
}

TEST(ChooseEmail, NoneMarkedPrimary) {
  EXPECT_EQ(Choose({{"a@x.de", "", false}, {"b@x.de", "", false}}).email, "a@x.de");
}

TEST(ChooseEmail, NoneAtAll) {
  for (const EmailChoice& choice : {Choose({}), Choose({{"", "work", true}, {"  ", "", false}})}) {
    EXPECT_EQ(choice.email, "");
    EXPECT_FALSE(choice.has_any);
    EXPECT_THAT(choice.rejected, IsEmpty());
  }
  const EmailChoice invalid = Choose({{"n/a", "", true}});
  EXPECT_EQ(invalid.email, "");
  EXPECT_TRUE(invalid.has_any);
}

}  // namespace
}  // namespace connector::mapping
