#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "model/contact_state.h"
#include "model/person.h"
#include "model/run.h"
#include "model/schema.h"
#include "model/value.h"

namespace connector {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ToTextTest, WritesValuesForPeople) {
  EXPECT_EQ(ToText(Value{}), "");
  EXPECT_EQ(ToText(true), "true");
  EXPECT_EQ(ToText(false), "false");
  EXPECT_EQ(ToText(3.0), "3");
  EXPECT_EQ(ToText(100000.0), "100000");
  EXPECT_EQ(ToText(-0.25), "-0.25");
  EXPECT_EQ(ToText(0.1), "0.1");
  EXPECT_EQ(ToText(1e300), "1e+300");
  EXPECT_EQ(ToText(5e-324), "5e-324");
  EXPECT_EQ(ToText(std::string("text")), "text");
  EXPECT_EQ(ToText(std::vector<std::string>{"a", "b"}), "a, b");
}

TEST(IsEmptyTest, TakesTheThreeKindsOfNothingAsOne) {
  EXPECT_TRUE(connector::IsEmpty(Value{}));
  EXPECT_TRUE(connector::IsEmpty(Value(std::string())));
  EXPECT_TRUE(connector::IsEmpty(Value(std::vector<std::string>())));
  EXPECT_FALSE(connector::IsEmpty(Value(false)));
  EXPECT_FALSE(connector::IsEmpty(Value(0.0)));
}

TEST(FindCustomFieldTest, FindsByKey) {
  const std::vector<std::pair<std::string, CustomValue>> fields = {{"a", 1.0}, {"c", 2.0}};
  ASSERT_NE(FindCustomField(fields, "c"), nullptr);
  EXPECT_EQ(std::get<double>(*FindCustomField(fields, "c")), 2.0);
  EXPECT_EQ(FindCustomField(fields, "b"), nullptr);
  EXPECT_EQ(FindCustomField(fields, "d"), nullptr);
  EXPECT_EQ(FindCustomField({}, "a"), nullptr);
}

TEST(EnsureFieldTest, InsertsAtItsPlaceOnce) {
  ContactState state;
  EnsureField(state, "B").seen = 2.0;
  EnsureField(state, "A").seen = 1.0;
  EnsureField(state, "C").seen = 3.0;
  EnsureField(state, "B").base = 2.0;
  ASSERT_EQ(state.fields.size(), 3);
  EXPECT_EQ(state.fields[0].attribute, "A");
  EXPECT_EQ(state.fields[1].base, Value(2.0));
  EXPECT_EQ(FindField(state, "C"), &state.fields[2]);
  EXPECT_EQ(FindField(std::as_const(state), "D"), nullptr);
}

TEST(PhoneDigitsTest, OneNumberHasOneSpelling) {
  for (const char* phone : {"+49 (170) 123-45 67", "00491701234567", "491701234567"}) {
    EXPECT_EQ(PhoneDigits(phone), "491701234567") << phone;
  }
  EXPECT_EQ(PhoneDigits("none"), "");
}

TEST(IdentifierKindTest, NamesAndKindsMatch) {
  using Kind = Identifier::Kind;
  for (const Kind kind : {Kind::kExtId, Kind::kSms, Kind::kWhatsapp, Kind::kLandline}) {
    EXPECT_EQ(IdentifierKindOf(IdentifierAttribute(kind)), kind);
  }
  EXPECT_EQ(IdentifierKindOf("FIRSTNAME"), std::nullopt);
}

TEST(OwnedIdentifiersTest, HoldsWhatWasSeenAndWhatWasSent) {
  using Kind = Identifier::Kind;
  ContactState state;
  EXPECT_THAT(OwnedIdentifiers(state), IsEmpty());
  state.email = "Zoe@Example.com";
  state.ext_id = "pd-1-2";
  EnsureField(state, "SMS").seen = std::string("+49 1");
  EnsureField(state, "SMS").unconfirmed = Value("+49 2");
  EnsureField(state, "WHATSAPP").refused = Value("+49 3");
  EnsureField(state, "LANDLINE_NUMBER").seen = 494.0;
  EnsureField(state, "FIRSTNAME").seen = std::string("Zoe");
  EXPECT_THAT(OwnedIdentifiers(state),
              ElementsAre(Identifier{Kind::kEmail, "zoe@example.com"},
                          Identifier{Kind::kExtId, "pd-1-2"}, Identifier{Kind::kSms, "491"},
                          Identifier{Kind::kSms, "492"}, Identifier{Kind::kLandline, "494"}));
}

TEST(OwnedIdentifiersTest, NamesEachOnce) {
  ContactState state;
  EnsureField(state, "SMS").seen = std::string("491");
  EnsureField(state, "SMS").unconfirmed = Value("+49 1");
  EXPECT_THAT(OwnedIdentifiers(state), ElementsAre(Identifier{Identifier::Kind::kSms, "491"}));
}

template <typename Enum>
void ExpectDistinctNames(Enum last, std::string_view (*name)(Enum)) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(last); ++i) names.insert(name(static_cast<Enum>(i)));
  EXPECT_EQ(names.size(), static_cast<size_t>(last) + 1);
  EXPECT_FALSE(names.contains(""));
}

TEST(NamesTest, AreDistinct) {
  ExpectDistinctNames(RunKind::kLeads, RunKindName);
  ExpectDistinctNames(RunState::kCancelled, RunStateName);
  ExpectDistinctNames(RunPhase::kDone, RunPhaseName);
  ExpectDistinctNames(SkipReason::kBreaker, SkipReasonName);
  ExpectDistinctNames(FailureReason::kOtherCurrency, FailureReasonName);
  ExpectDistinctNames(AttributeType::kOther, AttributeTypeName);
}

TEST(IsFieldLossTest, TellsFieldsFromRecords) {
  EXPECT_TRUE(IsFieldLoss(FailureReason::kInvalidPhone));
  EXPECT_TRUE(IsFieldLoss(FailureReason::kRefusedByBrevo));
  EXPECT_FALSE(IsFieldLoss(FailureReason::kInvalidEmail));
  EXPECT_FALSE(IsFieldLoss(FailureReason::kRejectedByBrevo));
}

}  // namespace
}  // namespace connector
