#include "brevo/import_body.h"

#include <gtest/gtest.h>

#include "unit/brevo/writes.h"

namespace connector::brevo {
namespace {

constexpr const char* kStart =
    R"({"listIds":[60],"updateExistingContacts":true,"emptyContactsAttributes":false,)"
    R"("disableNotification":true,"jsonBody":[)";

TEST(ImportBody, WritesExactBytes) {
  ImportBody body(60);
  ContactWrite full;
  full.email = "a@b.example";
  full.ext_id = "pd-1-2";
  full.attributes = {{"FIRSTNAME", std::string("Zoë \"Z\"")},
                     {"LTV", 3.0},
                     {"GONE", {}},
                     {"TEXT", std::string("")},
                     {"VIP", false}};
  full.join_lists = {7};
  EXPECT_TRUE(body.Append(full));
  EXPECT_TRUE(body.Append(WriteOf("only@b.example")));
  ContactWrite ext_id;
  ext_id.email = "e@b.example";
  ext_id.ext_id = "pd-1-3";
  EXPECT_TRUE(body.Append(ext_id));
  EXPECT_FALSE(body.finished());
  body.Finish();
  EXPECT_TRUE(body.finished());
  EXPECT_EQ(
      body.text(),
      std::string(kStart) +
          R"({"email":"a@b.example","attributes":{"FIRSTNAME":"Zoë \"Z\"","LTV":3,"VIP":false,)"
          R"("EXT_ID":"pd-1-2"}},{"email":"only@b.example"},)"
          R"({"email":"e@b.example","attributes":{"EXT_ID":"pd-1-3"}}]})");
  EXPECT_EQ(body.rows(), 3);
  EXPECT_EQ(body.bytes(), body.text().size());
}

TEST(ImportBody, NeverGrowsBeyondItsLimit) {
  ImportBody body(60);
  ContactWrite write;
  write.email = "a@b.example";
  write.attributes = {{"TEXT", std::string(100'000, 'x')}};
  int64_t rows = 0;
  while (body.Append(write)) ++rows;
  EXPECT_EQ(rows, 79);
  EXPECT_EQ(body.rows(), rows);
  body.Finish();
  EXPECT_LE(body.bytes(), ImportBody::kMaxBytes);
  EXPECT_TRUE(body.text().ends_with("\"}}]}"));
  body.Clear();
  EXPECT_EQ(body.text(), kStart);
  EXPECT_EQ(body.rows(), 0);
  EXPECT_FALSE(body.finished());
  EXPECT_TRUE(body.Append(write));
}

TEST(ImportBody, FillsToTheLastByte) {
  const ImportBody empty(60);
  ContactWrite write;
  write.email = "a@b.example";
  write.attributes = {{"T", std::string()}};
  const std::string row = R"({"email":"a@b.example","attributes":{"T":""}})";
  const size_t room = ImportBody::kMaxBytes - empty.bytes() - row.size() - 2;
  write.attributes[0].second = std::string(room, 'x');
  ImportBody body(60);
  ASSERT_TRUE(body.Append(write));
  body.Finish();
  EXPECT_EQ(body.bytes(), ImportBody::kMaxBytes);
  write.attributes[0].second = std::string(room + 1, 'x');
  ImportBody too_large(60);
  EXPECT_FALSE(too_large.Append(write));
  EXPECT_EQ(too_large.bytes(), empty.bytes());
}

}  // namespace
}  // namespace connector::brevo
