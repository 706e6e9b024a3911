#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "brevo/client.h"
#include "support/fake_caller.h"

namespace connector::brevo {
namespace {

using quota::Family;
using quota::Repeat;
using ::testing::HasSubstr;

class EventCallsTest : public ::testing::Test {
 protected:
  static Event Of(const std::string& name) {
    Event event;
    event.name = name;
    event.contact_id = 7;
    return event;
  }
  // "+-+" for what became of each event.
  static std::string Letters(const absl::StatusOr<std::vector<absl::Status>>& outcome) {
    if (!outcome.ok()) return outcome.status().ToString();
    std::string letters;
    for (const absl::Status& status : *outcome) letters += status.ok() ? '+' : '-';
    return letters;
  }

  testing::FakeCaller caller_;
  testing::FakeCaller foreign_;
  std::unique_ptr<Client> client_ =
      MakeClient({"https://api.brevo.com", Secret("xkeysib-1")}, caller_, foreign_);
};

TEST_F(EventCallsTest, SendsOne) {
  caller_.Answer(204, "", {});
  EXPECT_TRUE(client_->SendEvent(Of("deal_won"), {}).ok());
  EXPECT_EQ(caller_.last().method, http::Method::kPost);
  EXPECT_EQ(caller_.last().url, "https://api.brevo.com/v3/events");
  EXPECT_EQ(caller_.last().body, R"({"event_name":"deal_won","identifiers":{"contact_id":7}})");
  EXPECT_EQ(caller_.last().HeaderValue("api-key"), "xkeysib-1");
  EXPECT_EQ(caller_.last().operation.family, Family::kBrevoEvents);
  EXPECT_EQ(caller_.last().operation.repeat, Repeat::kUnsafe);
  EXPECT_TRUE(caller_.last().operation.write);
  caller_.Answer(400, R"({"code":"invalid_parameter","message":"event_name is not valid"})");
  const auto refused = client_->SendEvent(Of("deal_won"), {});
  EXPECT_TRUE(absl::IsInvalidArgument(refused));
  EXPECT_EQ(ReactionOf(refused), Reaction::kFailRecord);
  EXPECT_TRUE(absl::IsInvalidArgument(client_->SendEvent(Of("no name"), {})));
  EXPECT_EQ(caller_.calls().size(), 2u);
}

TEST_F(EventCallsTest, SendsSeveralAndTellsThemApart) {
  const std::vector<Event> events = {Of("a"), Of("not sent"), Of("b"), Of("c")};
  caller_.Answer(207, R"({"failed_events":1,"errors":[{"eventIndex":[1],"message":"bad"}]})");
  EXPECT_EQ(Letters(client_->SendEvents(events, {})), "+--+");
  EXPECT_EQ(caller_.last().url, "https://api.brevo.com/v3/events/batch");
  EXPECT_EQ(caller_.last().body, R"({"events":[{"event_name":"a","identifiers":{"contact_id":7}},)"
                                 R"({"event_name":"b","identifiers":{"contact_id":7}},)"
                                 R"({"event_name":"c","identifiers":{"contact_id":7}}]})");
  EXPECT_EQ(caller_.last().operation.family, Family::kBrevoOther);
  EXPECT_EQ(caller_.last().operation.repeat, Repeat::kUnsafe);
  caller_.Answer(202, R"({"message":"accepted","count":3})");
  EXPECT_EQ(Letters(client_->SendEvents(events, {})), "+-++");
  caller_.Answer(204, "", {});
  EXPECT_EQ(Letters(client_->SendEvents(events, {})), "+-++");
}

TEST_F(EventCallsTest, TellsARefusedCallFromRefusedEvents) {
  const std::vector<Event> events = {Of("a"), Of("b")};
  caller_.Answer(400, R"({"status":"failed","total_events":2,"successful_events":0,
    "failed_events":2,"errors":[{"eventIndex":[0,1],"message":"bad"}]})");
  EXPECT_EQ(Letters(client_->SendEvents(events, {})), "--");
  caller_.Answer(400, R"({"failed_events":1,"errors":[{"eventIndex":[1],"message":"bad"}]})");
  EXPECT_EQ(Letters(client_->SendEvents(events, {})), "+-");
  for (const char* body :
       {R"({"code":"invalid_parameter","message":"too many events"})", "<html>", "{"}) {
    caller_.Answer(400, body);
    EXPECT_TRUE(absl::IsInvalidArgument(client_->SendEvents(events, {}).status())) << body;
  }
  caller_.Answer(401, R"({"code":"unauthorized","message":"Key not found"})");
  EXPECT_EQ(ReactionOf(client_->SendEvents(events, {}).status()), Reaction::kPauseAccount);
  caller_.Answer(207, R"({"failed_events":1})");
  EXPECT_TRUE(absl::IsUnavailable(client_->SendEvents(events, {}).status()));
}

TEST_F(EventCallsTest, NothingIsSentWhereNothingCanBe) {
  EXPECT_EQ(Letters(client_->SendEvents({}, {})), "");
  const std::vector<Event> bad = {Of(""), Of("no name")};
  EXPECT_EQ(Letters(client_->SendEvents(bad, {})), "--");
  EXPECT_TRUE(caller_.calls().empty());
}

TEST_F(EventCallsTest, ABatchHasAnEnd) {
  caller_.Answer(204, "", {});
  EXPECT_EQ(client_->SendEvents(std::vector<Event>(250, Of("a")), {})->size(), 100u);
  Event large = Of("a");
  large.event_properties = {{"note", std::string(45'000, 'x')}};
  caller_.Answer(204, "", {});
  const auto sent = client_->SendEvents(std::vector<Event>(100, large), {});
  ASSERT_TRUE(sent.ok());
  EXPECT_LT(caller_.last().body.size(), 1'000'000u);
  EXPECT_EQ(sent->size(), 19u);
}

TEST_F(EventCallsTest, ListsAWindow) {
  caller_.Answer(200, R"({"events":[{"event_name":"deal_won","contact_id":7}],"count":2001})");
  EventsQuery query;
  query.from = *ParseTime("2026-11-24T08:00:00Z");
  query.until = *ParseTime("2026-11-24T09:00:00Z");
  query.names = {"deal_won", "deal_lost"};
  query.offset = 2000;
  const auto page = client_->ListEvents(query, {});
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->total, 2001);
  EXPECT_EQ(caller_.last().url,
            "https://api.brevo.com/v3/events?startDate=2026-11-24T08%3A00%3A00.000Z"
            "&endDate=2026-11-24T09%3A00%3A00.000Z&event_name=deal_won&event_name=deal_lost"
            "&limit=1000&offset=2000");
  EXPECT_EQ(caller_.last().operation.family, Family::kBrevoOther);
  EXPECT_EQ(caller_.last().operation.repeat, Repeat::kSafe);
}

}  // namespace
}  // namespace connector::brevo
