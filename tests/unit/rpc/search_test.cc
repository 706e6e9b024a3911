// SearchItems: from the request to the call to Pipedrive, and from its answer to the response.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "rpc/search_messages.h"
#include "unit/rpc/server_fixture.h"

namespace connector::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

v1::SearchItemsRequest Request(const std::string& term) {
  v1::SearchItemsRequest request;
  request.set_term(term);
  return request;
}

TEST(SearchMessages, RequestBecomesANormalizedQuery) {
  v1::SearchItemsRequest request = Request(" Ann ");
  const auto plain = ToSearchQuery(request, "default");
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_EQ(*plain, (SearchQuery{.term = "Ann", .page_size = 50}));
  request.add_item_types(v1::SEARCH_ITEM_TYPE_PROJECT);
  request.add_item_types(v1::SEARCH_ITEM_TYPE_DEAL);
  request.add_fields("title");
  request.add_fields("notes");
  request.set_exact_match(true);
  request.set_search_for_related_items(true);
  request.set_page_size(100);
  const auto full = ToSearchQuery(request, "default");
  ASSERT_TRUE(full.ok()) << full.status();
  EXPECT_EQ(*full, (SearchQuery{.term = "Ann",
                                .types = {SearchItemType::kDeal, SearchItemType::kProject},
                                .fields = {"notes", "title"},
                                .exact_match = true,
                                .related_items = true,
                                .page_size = 100}));
}

TEST(SearchMessages, WrongRequestsNameTheField) {
  using Spoil = void (*)(v1::SearchItemsRequest&);
  const std::pair<Spoil, const char*> cases[] = {
      {[](auto& request) { request.set_term(""); }, "term: "},
      {[](auto& request) { request.set_term(" a "); }, "term: "},
      {[](auto& request) { request.add_item_types(v1::SEARCH_ITEM_TYPE_UNSPECIFIED); },
       "item_types: "},
      {[](auto& request) { request.add_item_types(static_cast<v1::SearchItemType>(99)); },
       "item_types: "},
      {[](auto& request) { request.add_fields("colour"); }, "fields: "},
      {[](auto& request) { request.set_page_size(101); }, "page_size: "},
      {[](auto& request) { request.set_page_size(-1); }, "page_size: "},
      {[](auto& request) { request.set_page_token("?"); }, "page_token: "},
      {[](auto& request) { request.set_page_token("YWJj"); }, "page_token: "},
  };
  for (const auto& [spoil, field] : cases) {
    v1::SearchItemsRequest request = Request("ann");
    spoil(request);
    const auto query = ToSearchQuery(request, "default");
    EXPECT_TRUE(absl::IsInvalidArgument(query.status())) << request.ShortDebugString();
    EXPECT_THAT(std::string(query.status().message()), StartsWith(field));
  }
}

// The token of the page after the one that `request` asks for.
std::string NextToken(const v1::SearchItemsRequest& request, const std::string& connection,
                      const std::string& cursor) {
  const auto query = ToSearchQuery(request, connection);
  EXPECT_TRUE(query.ok()) << query.status();
  v1::SearchItemsResponse response;
  SearchPage page;
  page.next_cursor = cursor;
  if (query.ok()) FillSearchResponse(page, *query, connection, response);
  return response.next_page_token();
}

TEST(SearchMessages, PageTokensBelongToOneQuery) {
  EXPECT_EQ(NextToken(Request("ann"), "default", ""), "") << "the last page";
  v1::SearchItemsRequest request = Request("ann");
  request.set_page_token(NextToken(request, "default", "eyJ\n{}=="));
  const auto second = ToSearchQuery(request, "default");
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->cursor, "eyJ\n{}==");
  request.set_page_token(NextToken(request, "default", "third"));
  EXPECT_EQ(ToSearchQuery(request, "default")->cursor, "third");
  request.set_term("ANN");
  request.set_page_size(50);
  EXPECT_TRUE(ToSearchQuery(request, "default").ok()) << "the same query";

  using Change = void (*)(v1::SearchItemsRequest&);
  const Change changes[] = {
      [](auto& changed) { changed.set_term("anna"); },
      [](auto& changed) { changed.add_item_types(v1::SEARCH_ITEM_TYPE_DEAL); },
      [](auto& changed) { changed.add_fields("name"); },
      [](auto& changed) { changed.set_exact_match(true); },
      [](auto& changed) { changed.set_search_for_related_items(true); },
      [](auto& changed) { changed.set_page_size(49); },
  };
  for (const Change& change : changes) {
    v1::SearchItemsRequest changed = request;
    change(changed);
    const auto query = ToSearchQuery(changed, "default");
    EXPECT_TRUE(absl::IsInvalidArgument(query.status())) << changed.ShortDebugString();
    EXPECT_THAT(std::string(query.status().message()), StartsWith("page_token: "));
  }
  EXPECT_FALSE(ToSearchQuery(request, "other").ok());
}

TEST(SearchMessages, EveryTypeHasItsDetails) {
  SearchPage page;
  FoundItem& person = page.items.emplace_back();
  person.score = 1.5;
  person.type = SearchItemType::kPerson;
  person.id = "6";
  person.title = "Ann";
  person.custom_fields = {"a"};
  person.notes = {"b"};
  person.detail = FoundPerson{{"a@x.example"}, {"123"}, {9, "Org"}, 69};
  person.other = {{"flag", Tree{true}},
                  {"nothing", Tree{}},
                  {"list", Tree{Tree::List{Tree{1.5}, Tree{Tree::Members{{"deep", Tree{"x"}}}}}}}};
  FoundItem& deal = page.items.emplace_back();
  deal.type = SearchItemType::kDeal;
  deal.detail = FoundDeal{DealStatus::kLost, 12.5, "JPY", {3, "Demo"}, {6, "Ann"}, {9, "Org"}, 69};
  page.items.emplace_back().detail = FoundDeal{};
  FoundItem& organization = page.items.emplace_back();
  organization.type = SearchItemType::kOrganization;
  organization.detail = FoundOrganization{"Dabas", 69};
  FoundItem& lead = page.related.emplace_back();
  lead.type = SearchItemType::kLead;
  lead.detail = FoundLead{{6, "Ann"}, {9, "Org"}, 12.5, "EUR", true, 69};
  v1::SearchItemsResponse response;
  FillSearchResponse(page, {}, "default", response);

  ASSERT_EQ(response.items_size(), 4);
  const v1::SearchItem& first = response.items(0);
  EXPECT_EQ(first.score(), 1.5);
  EXPECT_EQ(first.type(), v1::SEARCH_ITEM_TYPE_PERSON);
  EXPECT_EQ(first.id(), "6");
  EXPECT_EQ(first.title(), "Ann");
  EXPECT_THAT(first.custom_fields(), ElementsAre("a"));
  EXPECT_THAT(first.notes(), ElementsAre("b"));
  EXPECT_THAT(first.person().emails(), ElementsAre("a@x.example"));
  EXPECT_THAT(first.person().phones(), ElementsAre("123"));
  EXPECT_EQ(first.person().organization_id(), 9);
  EXPECT_EQ(first.person().organization_name(), "Org");
  EXPECT_EQ(first.person().owner_id(), 69);
  const auto& other = first.other().fields();
  EXPECT_TRUE(other.at("flag").bool_value());
  EXPECT_TRUE(other.at("nothing").has_null_value());
  const auto& list = other.at("list").list_value();
  EXPECT_EQ(list.values(0).number_value(), 1.5);
  EXPECT_EQ(list.values(1).struct_value().fields().at("deep").string_value(), "x");

  const v1::FoundDeal& found = response.items(1).deal();
  EXPECT_EQ(found.status(), v1::DEAL_STATUS_LOST);
  EXPECT_EQ(found.value().amount(), "12");
  EXPECT_EQ(found.value().currency(), "JPY");
  EXPECT_EQ(found.stage_id(), 3);
  EXPECT_EQ(found.stage_name(), "Demo");
  EXPECT_EQ(found.person_id(), 6);
  EXPECT_EQ(found.person_name(), "Ann");
  EXPECT_EQ(found.organization_id(), 9);
  EXPECT_EQ(found.organization_name(), "Org");
  EXPECT_EQ(found.owner_id(), 69);
  EXPECT_FALSE(response.items(1).has_other());
  EXPECT_FALSE(response.items(2).deal().has_value());
  EXPECT_EQ(response.items(2).deal().status(), v1::DEAL_STATUS_UNSPECIFIED);
  EXPECT_EQ(response.items(3).organization().address(), "Dabas");
  EXPECT_EQ(response.items(3).organization().owner_id(), 69);
  ASSERT_EQ(response.related_items_size(), 1);
  const v1::FoundLead& related = response.related_items(0).lead();
  EXPECT_EQ(related.person_id(), 6);
  EXPECT_EQ(related.organization_name(), "Org");
  EXPECT_EQ(related.value().amount(), "12.50");
  EXPECT_TRUE(related.is_archived());
  EXPECT_EQ(related.owner_id(), 69);
}

// Through the listener; Pipedrive is a script.
class SearchItemsTest : public ServerFixture {
 protected:
  struct Answer {
    grpc::Status status;
    v1::SearchItemsResponse response;
    std::string pushback;
  };

  Answer Search(const v1::SearchItemsRequest& request) {
    CallContext context;
    Answer answer;
    answer.status = stub->SearchItems(&context, request, &answer.response);
    const auto& trailers = context.GetServerTrailingMetadata();
    const auto found = trailers.find("grpc-retry-pushback-ms");
    if (found != trailers.end()) answer.pushback = {found->second.data(), found->second.size()};
    return answer;
  }

  std::unique_ptr<v1::PipedriveConnector::Stub> stub = v1::PipedriveConnector::NewStub(Connect());
};

constexpr const char* kOnePerson =
    R"({"success":true,"data":{"items":[{"result_score":0.6,"item":{"id":6,"type":"person",
        "name":"Ann","emails":["a@x.example"]}}]},"additional_data":{"next_cursor":"n"}})";

TEST_F(SearchItemsTest, AsksPipedriveAndPages) {
  caller.Answer(200, kOnePerson);
  v1::SearchItemsRequest request = Request("ann");
  const Answer first = Search(request);
  ASSERT_TRUE(first.status.ok()) << first.status.error_message();
  ASSERT_EQ(first.response.items_size(), 1);
  EXPECT_EQ(first.response.items(0).person().emails(0), "a@x.example");
  EXPECT_EQ(caller.last().context.priority, quota::Priority::kInteractive);
  EXPECT_EQ(caller.last().operation.name, "items.search");
  request.set_page_token(first.response.next_page_token());
  caller.Answer(200, R"({"success":true,"data":{"items":[]}})");
  const Answer second = Search(request);
  ASSERT_TRUE(second.status.ok()) << second.status.error_message();
  EXPECT_THAT(caller.last().url, HasSubstr("&cursor=n"));
  EXPECT_EQ(second.response.next_page_token(), "");
}

TEST_F(SearchItemsTest, TheCallersDeadlineIsTheCalls) {
  caller.Answer(200, kOnePerson);
  const Time before = hub_clock.Now();
  ASSERT_TRUE(Search(Request("ann")).status.ok());
  const Time after = hub_clock.Now();
  // kPatience of real time, on a clock that runs 20 times as fast. Some of it went on the way, and
  // gRPC sends deadlines with few digits, rounded up.
  constexpr auto kInClock = 20 * Duration(kPatience);
  EXPECT_LE(caller.last().context.deadline, after + kInClock + kInClock / 50);
  EXPECT_GE(caller.last().context.deadline, before + kInClock / 2);
  // Without one, a minute.
  caller.Answer(200, kOnePerson);
  grpc::ClientContext context;
  v1::SearchItemsResponse response;
  ASSERT_TRUE(stub->SearchItems(&context, Request("ann"), &response).ok());
  EXPECT_LE(caller.last().context.deadline, hub_clock.Now() + 20 * std::chrono::minutes(1));
  EXPECT_GE(caller.last().context.deadline, after);
}

TEST_F(SearchItemsTest, ErrorsAreTheContracts) {
  const std::tuple<absl::Status, grpc::StatusCode, std::string> cases[] = {
      {WithRetryAfter(absl::ResourceExhaustedError("no room"), std::chrono::milliseconds(1500)),
       grpc::StatusCode::RESOURCE_EXHAUSTED, "1500"},
      {WithRetryAfter(absl::UnavailableError("circuit open"), std::chrono::seconds(30)),
       grpc::StatusCode::UNAVAILABLE, "30000"},
      {WithReaction(absl::UnauthenticatedError("set the token"), Reaction::kPauseAccount),
       grpc::StatusCode::FAILED_PRECONDITION, ""},
      {WithReaction(absl::OutOfRangeError("no such cursor"), Reaction::kFailRecord),
       grpc::StatusCode::INVALID_ARGUMENT, ""},
  };
  for (const auto& [trouble, code, pushback] : cases) {
    caller.Fail(trouble);
    const Answer answer = Search(Request("ann"));
    EXPECT_EQ(answer.status.error_code(), code);
    EXPECT_THAT(answer.status.error_message(), HasSubstr(std::string(trouble.message())));
    EXPECT_EQ(answer.pushback, pushback);
  }
}

TEST_F(SearchItemsTest, WrongRequestsAskNobody) {
  EXPECT_EQ(Search(Request("a")).status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  v1::SearchItemsRequest elsewhere = Request("ann");
  elsewhere.set_connection("elsewhere");
  EXPECT_EQ(Search(elsewhere).status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(caller.calls(), IsEmpty());
}

TEST_F(SearchItemsTest, AStoppedPoolSaysSo) {
  pool.Stop();
  const Answer answer = Search(Request("ann"));
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(answer.pushback, "1000");
}

}  // namespace
}  // namespace connector::rpc
