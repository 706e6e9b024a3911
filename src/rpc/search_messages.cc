#include "rpc/search_messages.h"

#include <google/protobuf/struct.pb.h>

#include <array>
#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "model/currency.h"
#include "rpc/tree_messages.h"

namespace connector::rpc {
namespace {

namespace v1 = pipedrive_connector::v1;

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};

// ---- page tokens: a mark of the query, then Pipedrive's cursor

constexpr size_t kMarkBytes = 8;

// FNV-1a with its parameters for 64 bits (RFC 9923): the same in every process, as a token may be
// handed to another replica. It guards against mistakes; a forged token reaches nothing that the
// caller could not search for.
std::string MarkOf(std::string_view connection, const SearchQuery& query) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : absl::StrCat(ToAbsl(connection), "\n", SearchKey(query))) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  std::string mark(kMarkBytes, '\0');
  for (size_t i = 0; i < kMarkBytes; ++i) mark[i] = static_cast<char>(hash >> (8 * i));
  return mark;
}

absl::StatusOr<std::string> CursorOf(const std::string& token, std::string_view connection,
                                     const SearchQuery& query) {
  std::string decoded;
  if (token.empty()) return decoded;
  if (!absl::WebSafeBase64Unescape(token, &decoded) || decoded.size() <= kMarkBytes) {
    return absl::InvalidArgumentError("page_token: not one of this service's");
  }
  if (decoded.substr(0, kMarkBytes) != MarkOf(connection, query)) {
    return absl::InvalidArgumentError(
        "page_token: belongs to another query; all other fields must be as for the page before");
  }
  return decoded.substr(kMarkBytes);
}

// ---- what is found

// Both enumerations stand in the contract's order.
static_assert(static_cast<int>(SearchItemType::kUnknown) == v1::SEARCH_ITEM_TYPE_UNSPECIFIED);
static_assert(static_cast<int>(SearchItemType::kDeal) == v1::SEARCH_ITEM_TYPE_DEAL);
static_assert(static_cast<int>(SearchItemType::kPerson) == v1::SEARCH_ITEM_TYPE_PERSON);
static_assert(static_cast<int>(SearchItemType::kOrganization) == v1::SEARCH_ITEM_TYPE_ORGANIZATION);
static_assert(static_cast<int>(SearchItemType::kProduct) == v1::SEARCH_ITEM_TYPE_PRODUCT);
static_assert(static_cast<int>(SearchItemType::kLead) == v1::SEARCH_ITEM_TYPE_LEAD);
static_assert(static_cast<int>(SearchItemType::kFile) == v1::SEARCH_ITEM_TYPE_FILE);
static_assert(static_cast<int>(SearchItemType::kMailAttachment) ==
              v1::SEARCH_ITEM_TYPE_MAIL_ATTACHMENT);
static_assert(static_cast<int>(SearchItemType::kProject) == v1::SEARCH_ITEM_TYPE_PROJECT);

v1::DealStatus ToProto(DealStatus status) {
  switch (status) {
    case DealStatus::kOpen:
      return v1::DEAL_STATUS_OPEN;
    case DealStatus::kWon:
      return v1::DEAL_STATUS_WON;
    case DealStatus::kLost:
      return v1::DEAL_STATUS_LOST;
    case DealStatus::kDeleted:
      return v1::DEAL_STATUS_DELETED;
  }
  return v1::DEAL_STATUS_UNSPECIFIED;
}

template <typename Found, typename Message>
void FillValue(const Found& found, Message& out) {
  if (!found.value) return;
  out.mutable_value()->set_amount(AmountText(*found.value, found.currency));
  out.mutable_value()->set_currency(found.currency);
}

template <typename Found, typename Message>
void FillOrganization(const Found& found, Message& out) {
  out.set_organization_id(found.organization.id);
  out.set_organization_name(found.organization.name);
}

template <typename Found, typename Message>
void FillPerson(const Found& found, Message& out) {
  out.set_person_id(found.person.id);
  out.set_person_name(found.person.name);
}

void Fill(const FoundPerson& person, v1::FoundPerson& out) {
  out.mutable_emails()->Assign(person.emails.begin(), person.emails.end());
  out.mutable_phones()->Assign(person.phones.begin(), person.phones.end());
  FillOrganization(person, out);
  out.set_owner_id(person.owner_id);
}

void Fill(const FoundDeal& deal, v1::FoundDeal& out) {
  if (deal.status) out.set_status(ToProto(*deal.status));
  FillValue(deal, out);
  out.set_stage_id(deal.stage.id);
  out.set_stage_name(deal.stage.name);
  FillPerson(deal, out);
  FillOrganization(deal, out);
  out.set_owner_id(deal.owner_id);
}

void Fill(const FoundOrganization& organization, v1::FoundOrganization& out) {
  out.set_address(organization.address);
  out.set_owner_id(organization.owner_id);
}

void Fill(const FoundLead& lead, v1::FoundLead& out) {
  FillPerson(lead, out);
  FillOrganization(lead, out);
  FillValue(lead, out);
  out.set_is_archived(lead.is_archived);
  out.set_owner_id(lead.owner_id);
}

void Fill(const FoundItem& item, v1::SearchItem& out) {
  out.set_score(item.score);
  out.set_type(static_cast<v1::SearchItemType>(item.type));
  out.set_id(item.id);
  out.set_title(item.title);
  out.mutable_custom_fields()->Assign(item.custom_fields.begin(), item.custom_fields.end());
  out.mutable_notes()->Assign(item.notes.begin(), item.notes.end());
  std::visit(Overloaded{
                 [](std::monostate) {},
                 [&](const FoundPerson& person) { Fill(person, *out.mutable_person()); },
                 [&](const FoundDeal& deal) { Fill(deal, *out.mutable_deal()); },
                 [&](const FoundOrganization& found) { Fill(found, *out.mutable_organization()); },
                 [&](const FoundLead& lead) { Fill(lead, *out.mutable_lead()); },
             },
             item.detail);
  if (!item.other.empty()) FillStruct(item.other, *out.mutable_other());
}

}  // namespace

absl::StatusOr<SearchQuery> ToSearchQuery(const v1::SearchItemsRequest& request,
                                          std::string_view connection) {
  SearchQuery query;
  query.term = request.term();
  for (const int type : request.item_types()) {
    const bool known = type > v1::SEARCH_ITEM_TYPE_UNSPECIFIED && v1::SearchItemType_IsValid(type);
    query.types.push_back(known ? static_cast<SearchItemType>(type) : SearchItemType::kUnknown);
  }
  query.fields.assign(request.fields().begin(), request.fields().end());
  query.exact_match = request.exact_match();
  query.related_items = request.search_for_related_items();
  query.page_size = request.page_size() == 0 ? kDefaultSearchPage : request.page_size();
  query = Normalized(std::move(query));
  CONNECTOR_RETURN_IF_ERROR(CheckSearch(query));
  CONNECTOR_ASSIGN_OR_RETURN(query.cursor, CursorOf(request.page_token(), connection, query));
  return query;
}

void FillSearchResponse(const SearchPage& page, const SearchQuery& query,
                        std::string_view connection, v1::SearchItemsResponse& response) {
  for (const FoundItem& item : page.items) Fill(item, *response.add_items());
  for (const FoundItem& item : page.related) Fill(item, *response.add_related_items());
  if (page.next_cursor.empty()) return;
  std::string token;
  absl::WebSafeBase64Escape(MarkOf(connection, query) + page.next_cursor, &token);
  response.set_next_page_token(token);
}

}  // namespace connector::rpc
