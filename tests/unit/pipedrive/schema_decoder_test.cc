#include <gtest/gtest.h>

#include "base/time_format.h"
#include "pipedrive/field_decoder.h"
#include "pipedrive/organization_decoder.h"

namespace connector::pipedrive {
namespace {

const std::string kKey = "9dc80c50d78a15643bfc4ca79d76156a73a1ca0e";

TEST(OrganizationDecoder, BothVersionsYieldTheSame) {
  Organization expected;
  expected.id = 1;
  expected.name = "Bolt";
  expected.address = "Mustamäe tee 3a, Tallinn";
  expected.website = "https://bolt.example";
  expected.owner_id = 10;
  expected.update_time = ParseTime("2020-09-08T12:14:11Z");
  Selection selection;
  selection.custom_keys = {kKey};
  selection.custom_types = {{kKey, "enum"}};
  expected.custom_fields = {{kKey, OptionIds{{190}}}};

  const auto v2 = DecodeOrganizationsV2(
      R"({"success":true,"data":[{"id":1,"name":"Bolt","owner_id":10,
          "update_time":"2020-09-08T12:14:11Z","address":{"value":"Mustamäe tee 3a, Tallinn",
          "country":"Estonia"},"website":"https://bolt.example","industry":2,"is_deleted":false,
          "custom_fields":{")" +
          kKey + R"(":190}}],"additional_data":{"next_cursor":"n"}})",
      selection);
  ASSERT_TRUE(v2.ok()) << v2.status();
  ASSERT_EQ(v2->records.size(), 1u);
  EXPECT_EQ(v2->records[0], expected);
  EXPECT_EQ(v2->next_cursor, "n");

  const auto v1 = DecodeOrganizationsV1(
      R"({"success":true,"data":[{"id":1,"name":"Bolt","owner_id":{"id":10,"value":10},
          "update_time":"2020-09-08 12:14:11","address":"short",
          "address_formatted_address":"Mustamäe tee 3a, Tallinn","website":"https://bolt.example",
          "active_flag":true,")" +
          kKey + R"(":"190"}],"additional_data":{}})",
      selection);
  ASSERT_TRUE(v1.ok()) << v1.status();
  ASSERT_EQ(v1->page.records.size(), 1u);
  EXPECT_EQ(v1->page.records[0], expected);
}

TEST(OrganizationDecoder, AddressMayBeAnything) {
  const auto page = DecodeOrganizationsV2(
      R"({"data":[{"id":1,"address":null},{"id":2,"address":{"value":null}},{"id":3,"address":"x"},
          {"id":4,"address":{}},{"id":5,"address":["x"]},{"id":6,"is_deleted":true}]})",
      {});
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->records.size(), 5u);
  EXPECT_EQ(page->records[2].address, "x");
  for (const size_t i : {0, 1, 3, 4}) EXPECT_EQ(page->records[i].address, std::nullopt);
  EXPECT_TRUE(page->records[4].is_deleted);
  ASSERT_EQ(page->malformed.size(), 1u);
  EXPECT_EQ(page->malformed[0].id, "5");
}

TEST(FieldDecoder, ReadsBothVersions) {
  const auto v2 = DecodeFieldsV2(
      R"({"success":true,"data":[
        {"field_name":"Person Name","field_code":"name","field_type":"varchar","options":null,
         "subfields":null,"is_custom_field":false},
        {"field_name":"Visible to","field_code":"visible_to","field_type":"visible_to",
         "options":[{"id":"3","label":"Entire company"}],"is_custom_field":false},
        {"field_name":"Source","field_code":")" +
      kKey + R"(","field_type":"enum",
         "options":[{"id":1,"label":"Inbound"},{"id":2,"label":null}],"is_custom_field":true},
        {"field_code":null},7],"additional_data":{"next_cursor":"n"}})");
  ASSERT_TRUE(v2.ok()) << v2.status();
  const std::vector<PipedriveField> expected = {
      {"name", "Person Name", "varchar", false, {}},
      {"visible_to", "Visible to", "visible_to", false, {{"3", "Entire company"}}},
      {kKey, "Source", "enum", true, {{"1", "Inbound"}, {"2", ""}}},
  };
  EXPECT_EQ(v2->fields, expected);
  EXPECT_EQ(v2->end.next_cursor, "n");

  const auto v1 = DecodeFieldsV1(
      R"({"success":true,"data":[{"id":1,"key":"title","name":"Title","field_type":"varchar",
          "edit_flag":true,"options":null},
         {"id":2,"key":")" +
      kKey + R"(","name":"Customer Type","field_type":"enum","edit_flag":true,
          "options":[{"id":190,"label":"Private person"}]},
         {"id":null,"order_nr":null,"name":"subfield"}],
        "additional_data":{"start":0,"limit":100,"more_items_in_collection":true}})");
  ASSERT_TRUE(v1.ok()) << v1.status();
  ASSERT_EQ(v1->fields.size(), 2u);
  EXPECT_FALSE(v1->fields[0].is_custom);
  EXPECT_TRUE(v1->fields[1].is_custom);
  EXPECT_EQ(v1->fields[1].options, (std::vector<FieldOption>{{"190", "Private person"}}));
  EXPECT_TRUE(v1->end.more);
  EXPECT_EQ(v1->end.next_start, std::nullopt);
}

TEST(DecodeAccount, NeedsUserAndCompany) {
  const auto account = DecodeAccount(
      R"({"success":true,"data":{"id":1,"default_currency":"EUR","company_id":54235233,
          "company_name":"Acme","company_domain":"acme","email":"me@x.example"}})");
  ASSERT_TRUE(account.ok());
  EXPECT_EQ(*account, (PipedriveAccount{54235233, 1, "Acme", "acme", "EUR"}));
  for (const char* body : {"", "null", R"({"data":null})", R"({"data":{"id":1}})"}) {
    EXPECT_TRUE(absl::IsUnavailable(DecodeAccount(body).status())) << body;
  }
}

}  // namespace
}  // namespace connector::pipedrive
