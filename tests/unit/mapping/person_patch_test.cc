#include "mapping/person_patch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapping/convert.h"
#include "mapping/convert_back.h"
#include "mapping/person_mapper.h"
#include "unit/mapping/schema.h"

namespace connector::mapping {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Labels = std::vector<std::string>;

class PersonPatchTest : public ::testing::Test {
 protected:
  PersonPatchTest() {
    person.id = 1;
    person.first_name = "Ann";
    person.last_name = "Lee";
    person.emails = {{"ann@x.de", "work", true}, {"home@x.de", "home", false}};
    person.phones = {{"not one", "other", true},
                     {"030 1234567", "work", false},
                     {"+49 171 2345678", "mobile", false}};
  }

  size_t Map(SourceKind source, const std::string& attribute) {
    ResolvedField field;
    field.source = source;
    field.attribute = Attribute(attribute);
    map.fields.push_back(field);
    return map.fields.size() - 1;
  }
  PersonPatch Patch(const std::vector<PersonChange>& changes,
                    const std::optional<std::string>& email = std::nullopt) {
    return MakePersonPatch(map, person, changes, email, phones, "EUR");
  }

  PhoneNormalizer phones{"DE"};
  Person person;
  ResolvedMap map;
};

TEST_F(PersonPatchTest, AChangedPhoneReplacesTheEntryTheMappingChose) {
  const size_t sms = Map(SourceKind::kPhone, "SMS");
  const PersonPatch patch = Patch({{sms, std::string("493099999999")}});
  ASSERT_TRUE(patch.write.phones);
  EXPECT_THAT(*patch.write.phones, ElementsAre(ContactPoint{"not one", "other", true},
                                               ContactPoint{"+493099999999", "work", false},
                                               ContactPoint{"+49 171 2345678", "mobile", false}));
}

TEST_F(PersonPatchTest, ANumberThatIsThereAlreadyBecomesThePrimaryOne) {
  const size_t sms = Map(SourceKind::kPhone, "SMS");
  const PersonPatch patch = Patch({{sms, std::string("491712345678")}});
  ASSERT_TRUE(patch.write.phones);
  EXPECT_THAT(*patch.write.phones, SizeIs(3));
  EXPECT_EQ((*patch.write.phones)[2], (ContactPoint{"+49 171 2345678", "mobile", true}));
  EXPECT_FALSE((*patch.write.phones)[0].primary);
}

TEST_F(PersonPatchTest, AClearedPhoneLeavesTheOthers) {
  const size_t sms = Map(SourceKind::kPhone, "SMS");
  const PersonPatch patch = Patch({{sms, Value{}}});
  ASSERT_TRUE(patch.write.phones);
  EXPECT_THAT(*patch.write.phones, ElementsAre(ContactPoint{"not one", "other", true},
                                               ContactPoint{"+49 171 2345678", "mobile", false}));
}

TEST_F(PersonPatchTest, AFirstPhoneIsAddedAsThePrimaryOne) {
  person.phones.clear();
  const size_t sms = Map(SourceKind::kPhone, "SMS");
  EXPECT_THAT(*Patch({{sms, std::string("49301")}}).write.phones,
              ElementsAre(ContactPoint{"+49301", "work", true}));
}

TEST_F(PersonPatchTest, AChangedAddressKeepsTheOthersAndIsNeverCleared) {
  EXPECT_THAT(*Patch({}, "new@x.de").write.emails,
              ElementsAre(ContactPoint{"new@x.de", "work", true},
                          ContactPoint{"home@x.de", "home", false}));
  EXPECT_THAT(*Patch({}, "home@x.de").write.emails,
              ElementsAre(ContactPoint{"ann@x.de", "work", false},
                          ContactPoint{"home@x.de", "home", true}));
  EXPECT_TRUE(Patch({}, "").write.empty());
  EXPECT_TRUE(Patch({}, "ANN@x.de").write.empty()) << "addresses are the same in any case";
}

TEST_F(PersonPatchTest, HalfANameIsWrittenWithTheOtherHalf) {
  const size_t first = Map(SourceKind::kFirstName, "FIRSTNAME");
  const size_t last = Map(SourceKind::kLastName, "LASTNAME");
  PersonPatch patch = Patch({{first, std::string("Anne")}});
  EXPECT_EQ(patch.write.first_name, "Anne");
  EXPECT_EQ(patch.write.last_name, "Lee");
  EXPECT_FALSE(patch.write.name);
  patch = Patch({{last, Value{}}});
  EXPECT_EQ(patch.write.first_name, "Ann");
  EXPECT_EQ(patch.write.last_name, "");
  patch = Patch({{first, Value{}}, {last, Value{}}});
  EXPECT_TRUE(patch.write.empty());
  EXPECT_THAT(patch.losses, SizeIs(2));
}

TEST_F(PersonPatchTest, AWholeNameIsWrittenAsOne) {
  const size_t name = Map(SourceKind::kName, "FULLNAME");
  EXPECT_EQ(Patch({{name, std::string("Ann B. Lee")}}).write.name, "Ann B. Lee");
}

TEST_F(PersonPatchTest, AVanishedOptionFailsOnlyItself) {
  ResolvedField set;
  set.source = SourceKind::kPersonCustomField;
  set.custom_field = Field('s', "Topics", "set", {{"1", "Red"}, {"2", "Blue"}});
  set.attribute = Attribute("TOPICS", AttributeType::kMultipleChoice, {"Red", "Blue", "Green"});
  map.fields.push_back(set);
  ResolvedField one = set;
  one.custom_field = Field('e', "Topic", "enum", {{"1", "Red"}});
  one.attribute = Attribute("TOPIC");
  map.fields.push_back(one);
  const PersonPatch patch = Patch({{0, Labels{"Blue", "Green"}}, {1, std::string("Green")}});
  ASSERT_THAT(patch.write.custom_fields, SizeIs(1));
  EXPECT_EQ(patch.write.custom_fields[0].second, CustomValue(OptionIds{{2}}));
  ASSERT_THAT(patch.losses, SizeIs(2));
  EXPECT_EQ(patch.losses[0].attribute, "TOPICS");
  EXPECT_TRUE(patch.losses[0].partly);
  EXPECT_EQ(patch.losses[1].reason, FailureReason::kFieldMissing);
  EXPECT_FALSE(patch.losses[1].partly);
}

struct BackCase {
  std::string type;
  BrevoAttribute attribute;
  Value value;
  std::optional<CustomValue> expected;  // none: lost
  std::optional<CustomValue> current = std::nullopt;
};

TEST(ConvertBack, EveryTypeOfField) {
  const std::vector<FieldOption> options = {{"11", "Software"}, {"12", "Yes"}, {"13", "a, b"}};
  const auto text = Attribute("A");
  const auto number = Attribute("A", AttributeType::kNumber);
  const auto date = Attribute("A", AttributeType::kDate);
  const auto flag = Attribute("A", AttributeType::kBoolean);
  const auto many = Attribute("A", AttributeType::kMultipleChoice, {"Software", "Yes", "a, b"});
  const auto s = [](const char* value) { return std::string(value); };
  const std::vector<BackCase> cases = {
      {"varchar", text, s("free"), s("free")},
      {"text", number, 3.0, s("3")},
      {"varchar", text, Value{}, std::monostate{}},
      {"phone", Attribute("SMS"), s("49301234567"), s("+49301234567")},
      {"enum", text, s("Software"), OptionIds{{11}}},
      {"enum", text, s("SOFTWARE"), OptionIds{{11}}},
      {"enum", flag, true, OptionIds{{12}}},
      {"enum", flag, false, std::nullopt},
      {"enum", text, s("Iron"), std::nullopt},
      {"enum", text, Value{}, std::monostate{}},
      {"set", many, Labels{"Software", "Yes"}, OptionIds{{11, 12}}},
      {"set", many, Labels{"a, b"}, OptionIds{{13}}},
      {"set", text, s("Software, Yes"), OptionIds{{11, 12}}},
      {"set", text, s("a, b"), OptionIds{{13}}},
      {"double", number, 1.5, 1.5},
      {"double", text, s("1.5"), 1.5},
      {"double", text, s("much"), std::nullopt},
      {"int", number, 1.5, std::nullopt},
      {"int", number, 2.0, 2.0},
      {"monetary", number, 10.0, Monetary{10, "EUR"}},
      {"monetary", number, 10.0, Monetary{10, "USD"}, Monetary{5, "USD"}},
      {"monetary", text, s("1234.50 GBP"), Monetary{1234.5, "GBP"}},
      {"monetary", text, s("a lot"), std::nullopt},
      {"date", date, s("2026-11-24"), s("2026-11-24")},
      {"date", text, s("2026-11-24T10:00:00Z"), s("2026-11-24")},
      {"date", text, s("tomorrow"), std::nullopt},
      {"daterange", date, s("2026-11-24"), ValueRange{"2026-11-24", "2026-12-01"},
       ValueRange{"2026-11-01", "2026-12-01"}},
      {"daterange", date, s("2026-12-24"), ValueRange{"2026-12-24", "2026-12-24"},
       ValueRange{"2026-11-01", "2026-12-01"}},
      {"daterange", text, s("2026-11-24 - 2026-11-30"), ValueRange{"2026-11-24", "2026-11-30"}},
      {"time", text, s("10:30:00"), s("10:30:00")},
      {"timerange", text, s("10:00 - 11:00"), ValueRange{"10:00", "11:00"}},
      {"address", text, s("Main St 1, Berlin"), s("Main St 1, Berlin")},
      {"user", number, 42.0, RecordRef{42}},
      {"org", text, s("7"), RecordRef{7}},
      {"people", number, -1.0, std::nullopt},
  };
  PhoneNormalizer phones{"DE"};
  for (const BackCase& c : cases) {
    SCOPED_TRACE(c.type + " <- " + ToText(c.value));
    const PipedriveField field{Key('f'), "F", c.type, true, options};
    const CustomBack back =
        ConvertBack(field, c.attribute, c.value, c.current ? &*c.current : nullptr, phones, "EUR");
    EXPECT_EQ(back.value, c.expected);
    EXPECT_EQ(back.loss.has_value(), !c.expected.has_value());
    if (!back.value || std::holds_alternative<std::monostate>(*back.value)) continue;
    // And forth again: what was written looks in Brevo as it did.
    MappedValue forth;
    ConvertCustom(field, c.attribute, &*back.value, phones, forth);
    EXPECT_FALSE(forth.loss) << forth.loss_detail;
  }
}

}  // namespace
}  // namespace connector::mapping
