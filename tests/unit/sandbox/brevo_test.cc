// Brevo's identity rules, imports and compliance traps.
#include "sandbox_fixture.h"

namespace sandbox {
namespace {

using nlohmann::json;

class BrevoTest : public SandboxTest {
 protected:
  void Make(const std::string& email, const json& attributes, const json& more = json::object()) {
    json body = {{"email", email}, {"attributes", attributes}};
    body.update(more);
    ASSERT_EQ(Send("POST", "/v3/contacts", body).status, 201) << body;
  }
  json Import(const json& rows, const json& more = json::object()) {
    json body = {{"jsonBody", rows}, {"listIds", {60}}};
    body.update(more);
    const Reply reply = Send("POST", "/v3/contacts/import", body);
    EXPECT_EQ(reply.status, 202) << reply.body;
    Advance(60);
    return GetJson("/v3/processes/" + Json(reply)["processId"].dump());
  }
  Reply Put(const std::string& email, const json& body) {
    return Send("PUT", "/v3/contacts/" + email + "?identifierType=email_id", body);
  }
};

TEST_F(BrevoTest, IdentifiersAreUniqueInTheAccount) {
  Make("a@x.example", {{"SMS", "+49 151 12345678"}, {"EXT_ID", "e1"}});
  for (const json& attributes : {json{{"SMS", "004915112345678"}}, json{{"EXT_ID", "e1"}}}) {
    const Reply reply =
        Send("POST", "/v3/contacts", {{"email", "b@x.example"}, {"attributes", attributes}});
    EXPECT_EQ(reply.status, 400);
    EXPECT_EQ(Json(reply)["code"], "duplicate_parameter");
    EXPECT_EQ(Json(reply)["metadata"]["duplicate_identifiers"][0], attributes.begin().key());
  }
  EXPECT_EQ(Send("POST", "/v3/contacts", {{"email", "A@X.example"}}).status, 400);
  EXPECT_EQ(
      Send("POST", "/v3/contacts", {{"email", "A@X.example"}, {"updateEnabled", true}}).status,
      204);
}

TEST_F(BrevoTest, PhonesNeedACountryCode) {
  for (const char* bad : {"0151 12345678", "12", "n/a", "+49 30 1 ext. 5", "+1 415 234"}) {
    EXPECT_EQ(
        Send("POST", "/v3/contacts", {{"email", "p@x.example"}, {"attributes", {{"SMS", bad}}}})
            .status,
        400)
        << bad;
  }
  Make("p@x.example", {{"SMS", "+44 (0)7400123456"}});
  EXPECT_EQ(Contact("p@x.example")["attributes"]["SMS"], "447400123456");
}

TEST_F(BrevoTest, MismatchedValuesVanishWithoutAWord) {
  Make("m@x.example", {{"LTV", "12"}, {"FIRSTNAME", 5}, {"NOBODY_KNOWS", "x"}, {"LASTNAME", "L"}});
  EXPECT_EQ(Contact("m@x.example")["attributes"], (json{{"LASTNAME", "L"}}));
}

TEST_F(BrevoTest, ChangedAddressTakesTheBlockOff) {
  Make("blocked@x.example", json::object(), {{"emailBlacklisted", true}});
  EXPECT_EQ(Put("blocked@x.example", {{"attributes", {{"EMAIL", "free@x.example"}}}}).status, 204);
  EXPECT_EQ(Contact("free@x.example")["emailBlacklisted"], false);
  EXPECT_EQ(GetJson("/sandbox/stats")["brevo"]["unblocklisted_by_api"], 1);
}

TEST_F(BrevoTest, ChangedAddressKeepsTheBlockWhenTheSameWriteSaysSo) {
  Make("blocked@x.example", json::object(), {{"emailBlacklisted", true}});
  EXPECT_EQ(Put("blocked@x.example",
                {{"attributes", {{"EMAIL", "still@x.example"}}}, {"emailBlacklisted", true}})
                .status,
            204);
  EXPECT_EQ(Contact("still@x.example")["emailBlacklisted"], true);
}

TEST_F(BrevoTest, ImportTakesTimeAndCanBeWatched) {
  const Reply reply = Send("POST", "/v3/contacts/import",
                           {{"jsonBody", {{{"email", "i@x.example"}}}}, {"listIds", {60}}});
  const std::string path = "/v3/processes/" + Json(reply)["processId"].dump();
  EXPECT_EQ(GetJson(path)["status"], "queued");
  Advance(3);
  EXPECT_EQ(GetJson(path)["status"], "in_process");
  EXPECT_EQ(Send("GET", "/v3/contacts/i@x.example").status, 404);
  Advance(10);
  EXPECT_EQ(GetJson(path)["status"], "completed");
  EXPECT_EQ(Send("GET", "/v3/contacts/i@x.example").status, 200);
}

TEST_F(BrevoTest, ImportRejectsRowsIntoReports) {
  Make("a@x.example", {{"SMS", "+49 151 12345678"}, {"EXT_ID", "e1"}});
  const json process = Import(
      {{{"email", "bad@@x"}},
       {{"email", "b@x.example"}, {"attributes", {{"EXT_ID", "e1"}}}},
       {{"email", "c@x.example"}, {"attributes", {{"SMS", "4915112345678"}, {"FIRSTNAME", "C"}}}},
       {{"email", "d@x.example"}, {"attributes", {{"SMS", "rubbish"}}}}});
  const json reports = process["info"]["import"];
  EXPECT_TRUE(reports["invalid_emails"].is_string());
  EXPECT_TRUE(reports["duplicate_ext_id"].is_string());
  EXPECT_TRUE(reports["duplicate_phone_id"].is_string());
  EXPECT_TRUE(reports["duplicate_email_id"].is_null());
  EXPECT_EQ(Send("GET", "/v3/contacts/c@x.example").status, 404);   // the whole row is out
  EXPECT_EQ(Contact("d@x.example")["attributes"], json::object());  // only the phone is
}

TEST_F(BrevoTest, ReportsHostCountsCredentials) {
  const json process = Import({{{"email", "bad@@x"}}});
  Request request;
  request.method = "GET";
  request.target = process["info"]["import"]["invalid_emails"];  // no port without sockets
  EXPECT_EQ(sandbox_->HandleReports(request).body,
            "EMAIL;EXT_ID;SMS;WHATSAPP;LANDLINE_NUMBER\r\nbad@@x;;;;\r\n");
  EXPECT_EQ(GetJson("/sandbox/stats")["credential_violations"], 0);
  request.headers["api-key"] = "sandbox-brevo-key";
  sandbox_->HandleReports(request);
  EXPECT_EQ(GetJson("/sandbox/stats")["credential_violations"], 1);
}

TEST_F(BrevoTest, ImportNeitherBlocksNorUnblocks) {
  Make("blocked@x.example", json::object(), {{"emailBlacklisted", true}});
  Import({{{"email", "blocked@x.example"}, {"attributes", {{"FIRSTNAME", "B"}}}}},
         {{"emailBlacklist", false}});
  EXPECT_EQ(Contact("blocked@x.example")["emailBlacklisted"], true);
  EXPECT_EQ(Contact("blocked@x.example")["attributes"]["FIRSTNAME"], "B");
}

TEST_F(BrevoTest, ImportPutsBackWhoHadLeft) {
  Make("gone@x.example", json::object(), {{"listIds", {60}}});
  Send("POST", "/sandbox/brevo/contacts/gone@x.example", {{"unsubscribe_list", 60}});
  EXPECT_EQ(Contact("gone@x.example")["listUnsubscribed"], (json{60}));
  Import({{{"email", "gone@x.example"}}});
  EXPECT_EQ(Contact("gone@x.example")["listIds"], (json{60}));
  EXPECT_EQ(GetJson("/sandbox/stats")["brevo"]["resubscribed_by_api"], 1);
}

TEST_F(BrevoTest, ImportErasesOnlyWhenAsked) {
  Make("e@x.example", {{"FIRSTNAME", "E"}});
  const json row = {{{"email", "e@x.example"}, {"attributes", {{"FIRSTNAME", ""}}}}};
  Import(row);
  EXPECT_EQ(Contact("e@x.example")["attributes"]["FIRSTNAME"], "E");
  Import(row, {{"emptyContactsAttributes", true}});
  EXPECT_FALSE(Contact("e@x.example")["attributes"].contains("FIRSTNAME"));
}

TEST_F(BrevoTest, ImportWantsExactlyOneBodyAndOneTarget) {
  const json rows = {{{"email", "a@x.example"}}};
  const json bodies[] = {{{"listIds", {60}}},
                         {{"jsonBody", rows}},
                         {{"jsonBody", rows}, {"fileBody", "EMAIL\na@x"}, {"listIds", {60}}},
                         {{"jsonBody", rows}, {"listIds", {999}}},
                         {{"jsonBody", json::array()}, {"listIds", {60}}},
                         {{"jsonBody", rows}, {"listIds", {60}}, {"surprise", 1}}};
  for (const json& body : bodies) {
    EXPECT_EQ(Send("POST", "/v3/contacts/import", body).status, 400) << body;
  }
  const json huge = {{"jsonBody", {{{"email", std::string(10'000'001, 'a')}}}}, {"listIds", {60}}};
  EXPECT_EQ(Send("POST", "/v3/contacts/import", huge).status, 413);
}

TEST_F(BrevoTest, HalfAnImport) {
  Send("POST", "/sandbox/faults",
       {{"match", {{"path_prefix", "/v3/contacts/import"}}}, {"kind", "import_half_fails"}});
  const json process = Import({{{"email", "one@x.example"}}, {{"email", "two@x.example"}}});
  EXPECT_EQ(process["status"], "failed");
  EXPECT_EQ(Send("GET", "/v3/contacts/one@x.example").status, 200);
  EXPECT_EQ(Send("GET", "/v3/contacts/two@x.example").status, 404);
}

TEST_F(BrevoTest, ListsSayTheSameForAlreadyThereAndUnknown) {
  Make("l@x.example", json::object(), {{"listIds", {60}}});
  for (const char* email : {"l@x.example", "nobody@x.example"}) {
    const Reply reply = Send("POST", "/v3/contacts/lists/60/contacts/add", {{"emails", {email}}});
    EXPECT_EQ(reply.status, 400);
    EXPECT_EQ(Json(reply)["message"], "Contact already in list and/or does not exist");
  }
}

TEST_F(BrevoTest, PutFindsByEveryIdentifierButOnlyWithItsType) {
  Make("f@x.example", {{"EXT_ID", "ext"}, {"SMS", "+4915112345678"}});
  const json body = {{"attributes", {{"FIRSTNAME", "F"}}}};
  EXPECT_EQ(Send("PUT", "/v3/contacts/ext?identifierType=ext_id", body).status, 204);
  EXPECT_EQ(Send("PUT", "/v3/contacts/4915112345678?identifierType=phone_id", body).status, 204);
  EXPECT_EQ(Send("PUT", "/v3/contacts/ext", body).status, 400);
  EXPECT_EQ(Send("PUT", "/v3/contacts/nobody%40x.example", body).status, 404);
}

TEST_F(BrevoTest, EqualEventsAreCounted) {
  const json event = {{"event_name", "deal_created"}, {"identifiers", {{"email_id", "a@x"}}}};
  EXPECT_EQ(Send("POST", "/v3/events", event).status, 204);
  EXPECT_EQ(Send("POST", "/v3/events", event).status, 204);
  EXPECT_EQ(GetJson("/sandbox/stats")["duplicate_events"], 1);
}

TEST_F(BrevoTest, EventsOfAWindowComeNewestFirst) {
  Make("a@x.example", json::object());
  for (const char* date : {"2027-01-15T08:00:10Z", "2027-01-15T08:00:30.5Z", "2027-01-15T08:00:20Z",
                           "2027-01-16T00:00:00Z"}) {
    const json event = {{"event_name", date[18] == '0' ? "even" : "odd"},
                        {"event_date", date},
                        {"identifiers", {{"email_id", "a@x.example"}}},
                        {"event_properties", {{"n", 1}}}};
    ASSERT_EQ(Send("POST", "/v3/events", event).status, 204);
  }
  const json page =
      GetJson("/v3/events?startDate=2027-01-15T08:00:20Z&endDate=2027-01-15&limit=1&offset=1");
  EXPECT_EQ(page["count"], 2);
  ASSERT_EQ(page["events"].size(), 1U);
  EXPECT_EQ(page["events"][0]["event_date"], "2027-01-15T08:00:20.000Z");
  EXPECT_EQ(page["events"][0]["event_properties"], (json{{"n", 1}}));
  EXPECT_TRUE(page["events"][0]["contact_id"].is_number());
  EXPECT_EQ(GetJson("/v3/events?event_name=even&event_name=odd")["count"], 4);
  EXPECT_EQ(GetJson("/v3/events?event_name=none")["count"], 0);
  EXPECT_EQ(Send("GET", "/v3/events?startDate=2027-01-15").status, 400);
  EXPECT_EQ(Send("GET", "/v3/events?startDate=2027-01-16&endDate=2027-01-15").status, 400);
}

TEST_F(BrevoTest, ABatchOfEventsFailsByPlace) {
  const json good = {{"event_name", "e"}, {"identifiers", {{"email_id", "nobody@x.example"}}}};
  const json bad = {{"event_name", "no name"}, {"identifiers", {{"email_id", "a@x"}}}};
  const Reply mixed = Send("POST", "/v3/events/batch", {{"events", {good, bad}}});
  EXPECT_EQ(mixed.status, 207);
  EXPECT_EQ(Json(mixed)["errors"][0]["eventIndex"], (json{1}));
  EXPECT_EQ(Json(mixed)["failed_events"], 1);
  EXPECT_EQ(Send("POST", "/v3/events/batch", {{"events", {bad}}}).status, 400);
  EXPECT_EQ(Send("POST", "/v3/events/batch", {{"events", {good}}}).status, 202);
  EXPECT_EQ(Send("POST", "/v3/events/batch", json::array({good})).status, 400);
  EXPECT_FALSE(GetJson("/v3/events")["events"][0].contains("contact_id"));
}

TEST_F(BrevoTest, SecondAttributeOfANameIsRefused) {
  EXPECT_EQ(Send("POST", "/v3/contacts/attributes/normal/NEW_ONE", {{"type", "text"}}).status, 201);
  EXPECT_EQ(Send("POST", "/v3/contacts/attributes/normal/NEW_ONE", {{"type", "text"}}).status, 400);
}

TEST_F(BrevoTest, StateIsComparable) {
  Make("b@x.example", {{"FIRSTNAME", "B"}});
  Make("a@x.example", {{"FIRSTNAME", "A"}});
  const std::string state = Send("GET", "/sandbox/state").body;
  Use(SmallOptions());
  Make("a@x.example", {{"FIRSTNAME", "A"}});
  Advance(50);
  Make("b@x.example", {{"FIRSTNAME", "B"}});
  EXPECT_EQ(Send("GET", "/sandbox/state").body, state);
}

}  // namespace
}  // namespace sandbox
