#include "mapping/person_mapper.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "schema.h"

namespace connector::mapping {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using Labels = std::vector<std::string>;

Value T(const char* text) { return std::string(text); }

class MapPersonTest : public ::testing::Test {
 protected:
  MappedValue Map(SourceKind source, const BrevoAttribute& attribute,
                  const Organization* organization = nullptr) {
    ResolvedMap map;
    map.fields.push_back({source, {}, attribute, {}, {}});
    return MapPerson(map, person_, organization, phones_).at(0);
  }

  Person person_;
  PhoneNormalizer phones_{"DE"};
};

TEST_F(MapPersonTest, TheSeedConfiguration) {
  const ResolvedMap map = Resolve(SeedRules(), SeedSchema());
  person_.id = 7;
  person_.name = "  Erika   Mustermann ";
  person_.first_name = "Erika";
  person_.last_name = std::nullopt;
  person_.org_id = 3;
  person_.phones = {{"030 1234567", "work", true}};
  person_.won_deals_count = 2;
  person_.lost_deals_count = 0;
  person_.open_deals_count = 1;
  person_.closed_deals_count = 2;
  person_.custom_fields = {
      {Key('a'), std::string(" Fair ")}, {Key('b'), OptionIds{{12}}}, {Key('c'), OptionIds{{22}}}};
  Organization organization;
  organization.id = 3;
  organization.name = "Acme \xC2\xA0 GmbH";
  const std::vector<MappedValue> values = MapPerson(map, person_, &organization, phones_);
  const std::vector<Value> expected = {
      2.0,                    // CLOSED_DEALS
      T("Acme GmbH"),         // COMPANY
      T("11-50"),             // COMPANY_SIZE
      T("Erika"),             // FIRSTNAME
      T("Erika Mustermann"),  // FULLNAME
      T("Steel & Iron"),      // INDUSTRY
      {},                     // LASTNAME
      T("Fair"),              // LEAD_SOURCE
      0.0,                    // LOST_DEALS
      1.0,                    // OPEN_DEALS
      T("49301234567"),       // SMS
      2.0,                    // WON_DEALS
  };
  ASSERT_EQ(values.size(), expected.size());
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(values[i].value, expected[i]) << map.fields[i].attribute.name;
    EXPECT_EQ(values[i].loss, std::nullopt) << values[i].loss_detail;
    EXPECT_EQ(values[i].Wanted(), expected[i]);
  }
}

TEST_F(MapPersonTest, AnEmptyPersonIsEmptyAndLosesNothing) {
  const ResolvedMap map = Resolve(SeedRules(), SeedSchema());
  for (const MappedValue& mapped : MapPerson(map, person_, nullptr, phones_)) {
    EXPECT_TRUE(IsEmpty(mapped.value));
    EXPECT_EQ(mapped.loss, std::nullopt);
  }
}

TEST_F(MapPersonTest, CountsThatWereNotAskedForAreUnknownNotEmpty) {
  const BrevoAttribute number = Attribute("X", AttributeType::kNumber);
  EXPECT_EQ(Map(SourceKind::kWonDealsCount, number).Wanted(), std::nullopt);
  person_.won_deals_count = 0;
  EXPECT_EQ(Map(SourceKind::kWonDealsCount, number).Wanted(), Value(0.0));
  EXPECT_EQ(Map(SourceKind::kWonDealsCount, Attribute("X")).Wanted(), T("0"));
  EXPECT_EQ(Map(SourceKind::kMarketingStatus, Attribute("X")).Wanted(), std::nullopt);
  EXPECT_EQ(Map(SourceKind::kTotalRevenue, number).Wanted(), std::nullopt);
}

TEST_F(MapPersonTest, Organizations) {
  const BrevoAttribute text = Attribute("X");
  EXPECT_EQ(Map(SourceKind::kOrganizationName, text).Wanted(), Value());
  person_.org_id = 3;
  EXPECT_EQ(Map(SourceKind::kOrganizationName, text).Wanted(), std::nullopt)
      << "linked but not at hand: must not clear";
  Organization organization;
  organization.name = "Acme";
  organization.address = "Weg 1, 12345 Berlin";
  organization.website = " https://acme.de ";
  EXPECT_EQ(Map(SourceKind::kOrganizationName, text, &organization).value, T("Acme"));
  EXPECT_EQ(Map(SourceKind::kOrganizationAddress, text, &organization).value,
            T("Weg 1, 12345 Berlin"));
  EXPECT_EQ(Map(SourceKind::kOrganizationWebsite, text, &organization).value, T("https://acme.de"));
  organization.is_deleted = true;
  EXPECT_EQ(Map(SourceKind::kOrganizationName, text, &organization).Wanted(), Value());
}

TEST_F(MapPersonTest, OrganizationCustomField) {
  ResolvedMap map;
  map.fields.push_back({SourceKind::kOrganizationCustomField,
                        SeedSchema().organization_fields[0],
                        Attribute("X"),
                        {},
                        {}});
  Organization organization;
  organization.custom_fields = {{Key('d'), OptionIds{{31}}}};
  EXPECT_EQ(MapPerson(map, person_, &organization, phones_)[0].value, T("Public"));
}

TEST_F(MapPersonTest, Ids) {
  person_.id = 9007199254740991;
  person_.owner_id = 5;
  const BrevoAttribute number = Attribute("X", AttributeType::kNumber);
  EXPECT_EQ(Map(SourceKind::kPersonId, number).value, Value(9007199254740991.0));
  EXPECT_EQ(Map(SourceKind::kPersonId, Attribute("X")).value, T("9007199254740991"));
  EXPECT_EQ(Map(SourceKind::kOwnerId, number).value, Value(5.0));
  person_.id = 9007199254740993;
  EXPECT_EQ(Map(SourceKind::kPersonId, number).loss, FailureReason::kInvalidValue);
}

TEST_F(MapPersonTest, Names) {
  const BrevoAttribute text = Attribute("X");
  person_.first_name = "\t Jean \n Luc ";
  EXPECT_EQ(Map(SourceKind::kFirstName, text).value, T("Jean Luc"));
  person_.first_name = "  ";
  EXPECT_EQ(Map(SourceKind::kFirstName, text).Wanted(), Value());
  person_.last_name = std::string(5000, 'x');
  EXPECT_EQ(Map(SourceKind::kLastName, text).value, Value(std::string(5000, 'x')));
}

TEST_F(MapPersonTest, PhonesPrimaryFirstThenTheOthers) {
  const BrevoAttribute sms = Attribute("SMS");
  person_.phones = {{"030 1111111", "", false}, {"030 2222222", "", true}};
  EXPECT_EQ(Map(SourceKind::kPhone, sms).value, T("49302222222"));
  person_.phones = {{"12", "", false}, {"030 3333333", "", false}, {"n/a", "", true}};
  EXPECT_EQ(Map(SourceKind::kPhone, sms).value, T("49303333333"));
  EXPECT_EQ(Map(SourceKind::kPhone, sms).loss, std::nullopt);
  EXPECT_EQ(Map(SourceKind::kPhone, Attribute("LANDLINE_NUMBER")).value, T("49303333333"));
}

TEST_F(MapPersonTest, AnInvalidPhoneIsReportedWithoutTellingIt) {
  person_.phones = {{"0171-99", "", true}, {"Anna?", "", false}};
  const MappedValue mapped = Map(SourceKind::kPhone, Attribute("SMS"));
  EXPECT_EQ(mapped.loss, FailureReason::kInvalidPhone);
  EXPECT_EQ(mapped.Wanted(), std::nullopt);
  EXPECT_THAT(mapped.loss_detail, AllOf(HasSubstr("\"9999-99\""), Not(HasSubstr("0171"))));
}

TEST_F(MapPersonTest, NothingTypedIsNoPhoneAndNoLoss) {
  person_.phones = {{"", "work", true}, {"  ", "", false}};
  EXPECT_EQ(Map(SourceKind::kPhone, Attribute("SMS")).Wanted(), Value());
}

TEST_F(MapPersonTest, ToATextAttributeAPhoneGoesAsTyped) {
  person_.phones = {{" 030 1234567 ext. 12 ", "", true}};
  EXPECT_EQ(Map(SourceKind::kPhone, Attribute("PHONE_AS_TYPED")).value, T("030 1234567 ext. 12"));
}

}  // namespace
}  // namespace connector::mapping
