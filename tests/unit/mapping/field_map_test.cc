#include "mapping/field_map.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "schema.h"

namespace connector::mapping {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

ResolvedMap ResolveOne(std::string source, std::string attribute,
                       const AccountSchema& schema = SeedSchema()) {
  return Resolve({{std::move(source), std::move(attribute), Direction::kBoth,
                   ConflictPolicy::kPipedriveWins, 7}},
                 schema);
}

// The only problem of a mapping of one line that yields no field.
MappingProblem ProblemOf(std::string source, std::string attribute,
                         const AccountSchema& schema = SeedSchema()) {
  const ResolvedMap map = ResolveOne(std::move(source), std::move(attribute), schema);
  EXPECT_THAT(map.fields, IsEmpty());
  EXPECT_THAT(map.problems, SizeIs(1));
  return map.problems.empty() ? MappingProblem() : map.problems.front();
}

AccountSchema With(BrevoAttribute attribute, PipedriveField field = {}) {
  AccountSchema schema = SeedSchema();
  schema.attributes.push_back(std::move(attribute));
  if (!field.key.empty()) schema.person_fields.push_back(std::move(field));
  return schema;
}

TEST(Resolve, TheSeedConfiguration) {
  const ResolvedMap map = Resolve(SeedRules(), SeedSchema());
  std::vector<std::string> attributes;
  for (const ResolvedField& field : map.fields) attributes.push_back(field.attribute.name);
  EXPECT_THAT(attributes, ElementsAre("CLOSED_DEALS", "COMPANY", "COMPANY_SIZE", "FIRSTNAME",
                                      "FULLNAME", "INDUSTRY", "LASTNAME", "LEAD_SOURCE",
                                      "LOST_DEALS", "OPEN_DEALS", "SMS", "WON_DEALS"));
  EXPECT_TRUE(map.wants_deal_counts);
  EXPECT_TRUE(map.wants_organizations);
  EXPECT_THAT(map.person_keys, ElementsAre(Key('a'), Key('b'), Key('c')));
  EXPECT_THAT(map.organization_keys, IsEmpty());
  ASSERT_THAT(map.problems, SizeIs(1));
  EXPECT_EQ(map.problems[0].line, 30);
  EXPECT_THAT(map.problems[0].text, AllOf(HasSubstr("total_revenue -> LTV"),
                                          HasSubstr("connectors.pipedrive.sync.deals")));
  EXPECT_EQ(map.problems[0].missing_attribute, "");
}

TEST(Resolve, WithDealsCountsAndRevenueComeFromTheirTableOnly) {
  const ResolvedMap map = Resolve(SeedRules(), SeedSchema(), /*deals_are_synced=*/true);
  EXPECT_THAT(map.problems, IsEmpty());
  EXPECT_TRUE(map.deals_from_table);
  EXPECT_FALSE(map.wants_deal_counts);
  EXPECT_TRUE(std::any_of(map.fields.begin(), map.fields.end(), [](const ResolvedField& field) {
    return field.source == SourceKind::kTotalRevenue && field.attribute.name == "LTV" &&
           field.direction == Direction::kToBrevo;
  }));
}

TEST(Resolve, DirectionsOfTheSeedConfiguration) {
  for (const ResolvedField& field : Resolve(SeedRules(), SeedSchema()).fields) {
    const bool one_way = field.attribute.name.ends_with("_DEALS") ||
                         field.attribute.name == "COMPANY" || field.attribute.name == "FULLNAME";
    EXPECT_EQ(field.direction, one_way ? Direction::kToBrevo : Direction::kBoth)
        << field.attribute.name;
  }
}

TEST(Resolve, NameAloneFlowsBothWays) {
  const ResolvedMap map = ResolveOne("name", "FULLNAME");
  ASSERT_THAT(map.fields, SizeIs(1));
  EXPECT_EQ(map.fields[0].direction, Direction::kBoth);
}

TEST(Resolve, RefusesToWriteWhatPipedriveComputes) {
  const ResolvedMap map =
      Resolve({{"won_deals_count", "WON_DEALS", Direction::kToPipedrive, {}, 3}}, SeedSchema());
  EXPECT_THAT(map.fields, IsEmpty());
  ASSERT_THAT(map.problems, SizeIs(1));
  EXPECT_THAT(map.problems[0].text, HasSubstr("flows to Brevo only"));
}

TEST(Resolve, ADerivedNameCannotFlowToPipedrive) {
  std::vector<FieldRule> rules = SeedRules();
  rules[1].direction = Direction::kToPipedrive;
  const ResolvedMap map = Resolve(rules, SeedSchema());
  ASSERT_THAT(map.problems, SizeIs(2));
  EXPECT_THAT(map.problems[0].text, HasSubstr("name -> FULLNAME: with first_name and last_name"));
}

TEST(Resolve, CustomFieldsByKeyOrUniqueName) {
  for (const std::string name : {"lead_source", "Lead source", "LEADSOURCE", "lead  Source"}) {
    const ResolvedMap map = ResolveOne("custom_fields." + name, "lead_source");
    ASSERT_THAT(map.fields, SizeIs(1)) << name;
    EXPECT_EQ(map.fields[0].custom_field.key, Key('a'));
    EXPECT_EQ(map.fields[0].attribute.name, "LEAD_SOURCE");
  }
  EXPECT_THAT(ResolveOne("custom_fields." + Key('A'), "LEAD_SOURCE").fields, SizeIs(1));
}

TEST(Resolve, OrganizationCustomFields) {
  const ResolvedMap map = ResolveOne("org_id.custom_fields.sector", "INDUSTRY");
  ASSERT_THAT(map.fields, SizeIs(1));
  EXPECT_EQ(map.fields[0].source, SourceKind::kOrganizationCustomField);
  EXPECT_EQ(map.fields[0].direction, Direction::kToBrevo);
  EXPECT_THAT(map.organization_keys, ElementsAre(Key('d')));
  EXPECT_TRUE(map.wants_organizations);
  EXPECT_THAT(map.person_keys, IsEmpty());
}

TEST(Resolve, AnAmbiguousNameListsTheKeys) {
  const AccountSchema schema = With(Attribute("X"), Field('e', "LEAD SOURCE", "varchar"));
  const MappingProblem problem = ProblemOf("custom_fields.lead_source", "X", schema);
  EXPECT_EQ(problem.line, 7);
  EXPECT_THAT(problem.text, AllOf(HasSubstr("2 custom fields"), HasSubstr(Key('a')),
                                  HasSubstr(Key('e')), HasSubstr("by its key")));
}

TEST(Resolve, AnUnknownNameSuggestsTheNearest) {
  EXPECT_THAT(ProblemOf("custom_fields.led_sorce", "LEAD_SOURCE").text,
              AllOf(HasSubstr("custom_fields.led_sorce -> LEAD_SOURCE"),
                    HasSubstr("nearest is \"Lead source\"")));
  EXPECT_THAT(ProblemOf("custom_fields.zzzzzzzzzzzz", "LEAD_SOURCE").text,
              HasSubstr("create it under Company settings > Data fields"));
  EXPECT_THAT(ProblemOf("custom_fields." + Key('9'), "LEAD_SOURCE").text,
              HasSubstr("keys differ from company to company"));
  EXPECT_THAT(ProblemOf("org_id.custom_fields.lead_source", "LEAD_SOURCE").text,
              HasSubstr("Pipedrive's organizations"));
}

TEST(Resolve, AnUnknownSourceSuggestsTheNearest) {
  EXPECT_THAT(ProblemOf("frist_name", "FIRSTNAME").text, HasSubstr("the nearest is first_name"));
  EXPECT_THAT(ProblemOf("astrological_sign", "FIRSTNAME").text, HasSubstr("there are"));
}

TEST(Resolve, EmailIsTheIdentityAndNoField) {
  const ResolvedMap map = ResolveOne("email", "EMAIL");
  EXPECT_THAT(map.fields, IsEmpty());
  EXPECT_THAT(map.problems, IsEmpty());
  EXPECT_THAT(ProblemOf("email", "COMPANY").text, HasSubstr("map it to email"));
  EXPECT_THAT(ProblemOf("name", "Email").text, HasSubstr("only the source email"));
  EXPECT_THAT(ProblemOf("name", "ext_id").text, HasSubstr("EXT_ID is how"));
}

struct MissingCase {
  const char* source;
  const char* type;  // of a custom field, or ""
  AttributeType suggested;
};

TEST(Resolve, AMissingAttributeNamesRemedyAndType) {
  const std::vector<MissingCase> cases = {
      {"won_deals_count", "", AttributeType::kNumber},
      {"custom_fields.x1", "double", AttributeType::kNumber},
      {"custom_fields.x1", "monetary", AttributeType::kNumber},
      {"custom_fields.x1", "date", AttributeType::kDate},
      {"custom_fields.x1", "daterange", AttributeType::kDate},
      {"custom_fields.x1", "varchar", AttributeType::kText},
      {"custom_fields.x1", "enum", AttributeType::kText},
      {"custom_fields.x1", "set", AttributeType::kText},
      {"custom_fields.x1", "address", AttributeType::kText},
      {"owner_id", "", AttributeType::kNumber},
      {"phone", "", AttributeType::kText},
  };
  for (const MissingCase& row : cases) {
    AccountSchema schema = SeedSchema();
    schema.person_fields.push_back(Field('f', "x1", row.type));
    const MappingProblem problem = ProblemOf(row.source, "New_One", schema);
    EXPECT_EQ(problem.missing_attribute, "NEW_ONE");
    EXPECT_EQ(problem.suggested_type, row.suggested) << row.source << " " << row.type;
    EXPECT_THAT(
        problem.text,
        AllOf(HasSubstr("create it in Brevo under Contacts > Settings > Contact attributes"),
              HasSubstr("run check --live --fix")));
  }
  EXPECT_THAT(ProblemOf("org_id.name", "COMPANYY").text,
              HasSubstr("the nearest one there is COMPANY"));
}

TEST(Resolve, ALocalisedAttributeIsNamed) {
  AccountSchema schema = SeedSchema();
  std::erase_if(schema.attributes, [](const BrevoAttribute& attribute) {
    return attribute.name == "FIRSTNAME" || attribute.name == "LASTNAME";
  });
  schema.attributes.push_back(Attribute("PRENOM"));
  schema.attributes.push_back(Attribute("NOM"));
  const MappingProblem problem = ProblemOf("first_name", "FIRSTNAME", schema);
  EXPECT_THAT(problem.text, HasSubstr("this account calls it PRENOM"));
  EXPECT_EQ(problem.missing_attribute, "") << "a second first name should not be created";
  EXPECT_THAT(ProblemOf("last_name", "LASTNAME", schema).text, HasSubstr("calls it NOM"));
}

TEST(Resolve, WhatBrevoComputesCannotBeWritten) {
  for (const char* category : {"calculated", "global", "transactional"}) {
    BrevoAttribute attribute = Attribute("X");
    attribute.category = category;
    const MappingProblem problem = ProblemOf("name", "X", With(attribute));
    EXPECT_THAT(problem.text, AllOf(HasSubstr("can't be written"), HasSubstr(category)));
    EXPECT_EQ(problem.missing_attribute, "");
  }
}

TEST(Resolve, TwoRulesToOneAttribute) {
  const ResolvedMap map =
      Resolve({{"first_name", "FIRSTNAME", {}, {}, 3}, {"last_name", "FirstName", {}, {}, 4}},
              SeedSchema());
  ASSERT_THAT(map.fields, SizeIs(1));
  EXPECT_EQ(map.fields[0].source, SourceKind::kFirstName);
  ASSERT_THAT(map.problems, SizeIs(1));
  EXPECT_EQ(map.problems[0].line, 4);
  EXPECT_THAT(map.problems[0].text, HasSubstr("given by first_name (line 3)"));
}

TEST(Resolve, AnAttributeWhoseTypeDoesNotFit) {
  EXPECT_THAT(ProblemOf("phone", "X", With(Attribute("X", AttributeType::kDate))).text,
              AllOf(HasSubstr("type date"), HasSubstr("a phone number"),
                    HasSubstr("create one of type text")));
  EXPECT_THAT(ProblemOf("won_deals_count", "X", With(Attribute("X", AttributeType::kDate))).text,
              HasSubstr("create one of type number"));
  EXPECT_THAT(ProblemOf("won_deals_count", "SMS").text, HasSubstr("a count"));
}

struct FitCase {
  const char* type;  // of the custom field
  std::string fits;  // first letters: text, number, date, boolean, category, multiple-choice, phone
};

TEST(Resolve, WhichTypeFitsWhich) {
  const std::vector<std::pair<char, BrevoAttribute>> attributes = {
      {'t', Attribute("X")},
      {'n', Attribute("X", AttributeType::kNumber)},
      {'d', Attribute("X", AttributeType::kDate)},
      {'b', Attribute("X", AttributeType::kBoolean)},
      {'c', Attribute("X", AttributeType::kCategory)},
      {'m', Attribute("X", AttributeType::kMultipleChoice)},
      {'p', Attribute("WHATSAPP")},
      {'o', Attribute("X", AttributeType::kOther)},
  };
  const std::vector<FitCase> cases = {
      {"varchar", "tndbcmp"}, {"text", "tndbcmp"},
      {"phone", "tp"},        {"double", "tnbc"},
      {"monetary", "tn"},     {"date", "td"},
      {"daterange", "td"},    {"time", "t"},
      {"timerange", "t"},     {"enum", "tnbcm"},
      {"set", "tm"},          {"user", "tn"},
      {"org", "tn"},          {"people", "tn"},
      {"address", "t"},       {"something_new", "tndbcmp"},
  };
  for (const FitCase& row : cases) {
    for (const auto& [letter, attribute] : attributes) {
      const ResolvedMap map = ResolveOne("custom_fields.x1", attribute.name,
                                         With(attribute, Field('f', "x1", row.type)));
      const bool expected = row.fits.find(letter) != std::string::npos;
      EXPECT_EQ(map.fields.size(), expected ? 1u : 0u) << row.type << " to " << letter;
      EXPECT_EQ(map.problems.size(), expected ? 0u : 1u) << row.type << " to " << letter;
    }
  }
}

TEST(Sources, KnownInAlphabeticalOrder) {
  const auto& names = KnownSources();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  for (const FieldRule& rule : SeedRules()) {
    if (rule.source.starts_with("custom_fields.")) continue;
    EXPECT_TRUE(std::binary_search(names.begin(), names.end(), rule.source)) << rule.source;
  }
}

TEST(Sources, WhatFlowsToBrevoOnly) {
  for (const char* source : {"won_deals_count", "total_revenue", "org_id.name", "id", "owner_id",
                             "org_id.custom_fields.x", "marketing_status"}) {
    EXPECT_TRUE(IsToBrevoOnly(source)) << source;
  }
  for (const char* source : {"email", "name", "phone", "custom_fields.x", "no_such_source"}) {
    EXPECT_FALSE(IsToBrevoOnly(source)) << source;
  }
}

}  // namespace
}  // namespace connector::mapping
