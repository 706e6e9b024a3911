#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "brevo/client.h"
#include "support/fake_caller.h"
#include "unit/brevo/writes.h"

namespace connector::brevo {
namespace {

using quota::Family;
using quota::Repeat;
using ::testing::ElementsAre;
using testing::FakeCaller;
using ::testing::HasSubstr;
using ::testing::Not;

class RestClientTest : public ::testing::Test {
 protected:
  void ExpectCall(http::Method method, const std::string& path, const std::string& body = "") {
    EXPECT_EQ(caller_.last().method, method);
    EXPECT_EQ(caller_.last().url, "https://api.brevo.com" + path);
    EXPECT_EQ(caller_.last().body, body);
    EXPECT_EQ(caller_.last().HeaderValue("api-key"), "xkeysib-1");
    EXPECT_THAT(caller_.last().url, Not(HasSubstr("xkeysib")));
  }
  void ExpectOperation(Family family, Repeat repeat, bool write) {
    EXPECT_EQ(caller_.last().operation.family, family);
    EXPECT_EQ(caller_.last().operation.repeat, repeat);
    EXPECT_EQ(caller_.last().operation.write, write);
    EXPECT_EQ(caller_.last().operation.tokens, 0);
  }

  FakeCaller caller_;
  FakeCaller foreign_;
  std::unique_ptr<Client> client_ =
      MakeClient({"https://api.brevo.com/", Secret("xkeysib-1")}, caller_, foreign_);
};

TEST_F(RestClientTest, ListsContacts) {
  caller_.Answer(200, R"({"contacts":[{"id":1}],"count":1})",
                 {{"content-type", "application/json"}, {"date", "Tue, 24 Nov 2026 08:15:30 GMT"}});
  const auto page = client_->ListContacts(2000, ParseTime("2026-11-24T08:00:00.5Z"), {});
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->contacts.size(), 1u);
  EXPECT_EQ(page->server_time, ParseTime("2026-11-24T08:15:30Z"));
  ExpectCall(http::Method::kGet,
             "/v3/contacts?limit=1000&offset=2000&sort=asc"
             "&modifiedSince=2026-11-24T08%3A00%3A00.500Z");
  ExpectOperation(Family::kBrevoContacts, Repeat::kSafe, false);
  caller_.Answer(200, "null");
  EXPECT_TRUE(absl::IsUnavailable(client_->ListContacts(0, std::nullopt, {}).status()));
  ExpectCall(http::Method::kGet, "/v3/contacts?limit=1000&offset=0&sort=asc");
}

TEST_F(RestClientTest, NamesContactsInPaths) {
  using Type = ContactId::Type;
  const std::pair<ContactId, const char*> kRows[] = {
      {{Type::kBrevoId, "42"}, "/v3/contacts/42?identifierType=contact_id"},
      {{Type::kEmail, "a+b/ü@example.com"},
       "/v3/contacts/a%2Bb%2F%C3%BC%40example.com?identifierType=email_id"},
      {{Type::kExtId, "pd-1-2"}, "/v3/contacts/pd-1-2?identifierType=ext_id"},
  };
  for (const auto& [id, path] : kRows) {
    caller_.Answer(200, R"({"id":42,"email":"a@b.example"})");
    EXPECT_EQ(client_->GetContact(id, {})->id, 42);
    ExpectCall(http::Method::kGet, path);
    caller_.Answer(204, "", {});
    EXPECT_TRUE(client_->UpdateContact(id, WriteOf("n@b.example"), {}).ok());
    ExpectCall(http::Method::kPut, path, R"({"attributes":{"EMAIL":"n@b.example"}})");
    ExpectOperation(Family::kBrevoContacts, Repeat::kSafe, true);
  }
  caller_.Answer(404, R"({"code":"document_not_found","message":"Contact does not exist"})");
  EXPECT_TRUE(absl::IsNotFound(client_->GetContact(kRows[0].first, {}).status()));
}

TEST_F(RestClientTest, CreatesContacts) {
  caller_.Answer(201, R"({"id":122})");
  EXPECT_EQ(*client_->CreateContact(WriteOf("a@b.example"), {}), 122);
  ExpectCall(http::Method::kPost, "/v3/contacts",
             R"({"email":"a@b.example","updateEnabled":false})");
  ExpectOperation(Family::kBrevoContacts, Repeat::kUnsafe, true);
  EXPECT_EQ(caller_.last().content_type, "application/json");
  caller_.Answer(400, R"({"code":"duplicate_parameter","message":"Contact already exist",
                          "metadata":{"duplicate_identifiers":["email"]}})");
  const auto conflict = client_->CreateContact(WriteOf("a@b.example"), {});
  EXPECT_TRUE(absl::IsAlreadyExists(conflict.status()));
  EXPECT_EQ(FieldOf(conflict.status()), "email");
}

TEST_F(RestClientTest, RemovesFromLists) {
  caller_.Answer(201, R"({"contacts":{"success":["a@b.example"],"failure":[]}})");
  EXPECT_TRUE(client_->RemoveFromList(60, {"a@b.example", "c@d.example"}, {}).ok());
  ExpectCall(http::Method::kPost, "/v3/contacts/lists/60/contacts/remove",
             R"({"emails":["a@b.example","c@d.example"]})");
  ExpectOperation(Family::kBrevoContacts, Repeat::kSafe, true);
  caller_.Answer(400, R"({"code":"invalid_parameter",
                          "message":"Contact already in list and/or does not exist"})");
  EXPECT_TRUE(client_->RemoveFromList(60, {"a@b.example"}, {}).ok());
  caller_.Answer(400, R"({"code":"invalid_parameter",
                          "message":"Contact already removed from list and/or does not exist"})");
  EXPECT_TRUE(client_->RemoveFromList(60, {"a@b.example"}, {}).ok());
  caller_.Answer(404, R"({"code":"document_not_found","message":"List ID does not exist"})");
  EXPECT_TRUE(absl::IsNotFound(client_->RemoveFromList(60, {"a@b.example"}, {})));
  EXPECT_TRUE(client_->RemoveFromList(60, {}, {}).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(
      client_->RemoveFromList(60, std::vector<std::string>(151, "a@b.example"), {})));
  EXPECT_EQ(caller_.calls().size(), 4u);
}

TEST_F(RestClientTest, StartsImports) {
  ImportBody body(60);
  EXPECT_TRUE(absl::IsInvalidArgument(client_->StartImport(body, {}).status()));
  ASSERT_TRUE(body.Append(WriteOf("a@b.example")));
  EXPECT_TRUE(absl::IsInvalidArgument(client_->StartImport(body, {}).status()));
  body.Finish();
  caller_.Answer(202, R"({"processId":78})");
  EXPECT_EQ(*client_->StartImport(body, {}), 78);
  ExpectCall(http::Method::kPost, "/v3/contacts/import", std::string(body.text()));
  ExpectOperation(Family::kBrevoContacts, Repeat::kUnsafe, true);
}

TEST_F(RestClientTest, ListsProcesses) {
  caller_.Answer(200, R"({"count":1,"processes":[{"id":5,"status":"queued"}]})");
  EXPECT_EQ(client_->ListProcesses({})->size(), 1u);
  ExpectCall(http::Method::kGet, "/v3/processes?limit=50&sort=desc");
  ExpectOperation(Family::kBrevoOther, Repeat::kSafe, false);
}

TEST_F(RestClientTest, ReadsReportsWithoutCredential) {
  foreign_.Answer(200, "EMAIL\na@b.example\nc@d.example\n", {{"content-type", "text/csv"}});
  std::vector<std::string> rows;
  const auto collect = [&rows](std::string_view row) { rows.emplace_back(row); };
  ASSERT_TRUE(client_->ReadReport("https://s3.example/r.csv?sig=secret", collect, {}).ok());
  EXPECT_THAT(rows, ElementsAre("a@b.example", "c@d.example"));
  const auto& call = foreign_.last();
  EXPECT_EQ(call.url, "https://s3.example/r.csv?sig=secret");
  EXPECT_TRUE(call.headers.empty());
  EXPECT_EQ(call.operation.family, Family::kUnmetered);
  EXPECT_EQ(call.max_response_bytes, size_t{64} << 20);
  EXPECT_TRUE(caller_.calls().empty());

  foreign_.Answer(403, "<Error>sig=secret</Error>", {{"content-type", "application/xml"}});
  const absl::Status gone = client_->ReadReport("https://s3.example/r.csv?sig=secret", collect, {});
  EXPECT_TRUE(absl::IsNotFound(gone));
  EXPECT_THAT(std::string(gone.message()), Not(HasSubstr("secret")));
  for (const char* url : {"", "file:///etc/passwd", "ftp://h/x"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(client_->ReadReport(url, collect, {}))) << url;
  }
  EXPECT_EQ(foreign_.calls().size(), 2u);
}

TEST_F(RestClientTest, ReadsAllPagesOfLists) {
  std::string fifty = R"({"count":51,"lists":[)";
  for (int i = 1; i <= 50; ++i)
    fifty += (i > 1 ? ",{\"id\":" : "{\"id\":") + std::to_string(i) + "}";
  caller_.Answer(200, fifty + "]}");
  caller_.Answer(200, R"({"count":51,"lists":[{"id":51,"name":"Last"}]})");
  EXPECT_EQ(client_->ListLists({})->size(), 51u);
  EXPECT_EQ(caller_.calls().size(), 2u);
  ExpectCall(http::Method::kGet, "/v3/contacts/lists?limit=50&offset=50&sort=asc");
  ExpectOperation(Family::kBrevoContacts, Repeat::kSafe, false);
  caller_.Answer(200, R"({"count":99,"lists":[]})");
  EXPECT_TRUE(client_->ListLists({})->empty());
}

TEST_F(RestClientTest, ListsAndCreatesAttributes) {
  caller_.Answer(200, R"({"attributes":[{"name":"A","category":"normal","type":"text"}]})");
  EXPECT_EQ(client_->ListAttributes({})->size(), 1u);
  ExpectCall(http::Method::kGet, "/v3/contacts/attributes");
  caller_.Answer(201, "", {});
  const BrevoAttribute attribute{"LEAD SOURCE", "", AttributeType::kText, {}};
  EXPECT_TRUE(client_->CreateAttribute(attribute, {}).ok());
  ExpectCall(http::Method::kPost, "/v3/contacts/attributes/normal/LEAD%20SOURCE",
             R"({"type":"text"})");
  caller_.Answer(400, R"({"code":"invalid_parameter","message":"Attribute name must be unique"})");
  EXPECT_TRUE(client_->CreateAttribute(attribute, {}).ok());
  caller_.Answer(400, R"({"code":"invalid_parameter","message":"Attribute name is invalid"})");
  EXPECT_TRUE(absl::IsInvalidArgument(client_->CreateAttribute(attribute, {})));
}

TEST_F(RestClientTest, AsksWhoItIs) {
  caller_.Answer(200,
                 R"({"email":"m@acme.example","companyName":"Acme","plan":[{"type":"free"}]})");
  EXPECT_EQ(client_->GetAccount({})->plan, "free");
  ExpectCall(http::Method::kGet, "/v3/account");
  ExpectOperation(Family::kBrevoOther, Repeat::kSafe, false);
}

TEST_F(RestClientTest, ErrorsHideTheKey) {
  caller_.Answer(401, R"({"code":"unauthorized","message":"key xkeysib-1 not found"})");
  const absl::Status status = client_->GetAccount({}).status();
  EXPECT_TRUE(absl::IsUnauthenticated(status));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("xkeysib-1")));
}

}  // namespace
}  // namespace connector::brevo
