#include "pipedrive/search.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "pipedrive/errors.h"
#include "pipedrive/tree_codec.h"

namespace connector::pipedrive {
namespace {

using http::JsonValue;

// Reads the members of one item; what it does not read goes to `other`.
class ItemReader {
 public:
  explicit ItemReader(JsonValue item) : item_(item) {}

  std::string Text(std::string_view name) {
    Take(name);
    return item_[name].ScalarText().value_or("");
  }
  std::optional<double> Number(std::string_view name) {
    Take(name);
    return item_[name].Number();
  }
  bool Flag(std::string_view name) {
    Take(name);
    return item_[name].Flag().value_or(false);
  }
  FoundLink Link(std::string_view name) {
    Take(name);
    const JsonValue link = item_[name];
    if (!link.IsContainer()) return {link.Integer().value_or(0), ""};
    return {link["id"].Integer().value_or(0), link["name"].ScalarText().value_or("")};
  }
  // Texts, or, as in the lists of persons, objects with a `value`.
  std::vector<std::string> Texts(std::string_view name) {
    Take(name);
    std::vector<std::string> texts;
    item_[name].ForEach([&texts](JsonValue element) {
      const auto text =
          element.IsContainer() ? element["value"].ScalarText() : element.ScalarText();
      if (text && !text->empty()) texts.push_back(*text);
    });
    return texts;
  }

  Tree::Members Other() const {
    Tree::Members other;
    item_.ForEachMember([&](std::string_view name, JsonValue value) {
      if (!IsTaken(name)) {
        other.emplace_back(name, TreeOf(value, 0));
      } else if (value.kind() == JsonValue::Kind::kObject) {
        AddRest(name, value, other);
      }
    });
    return other;
  }

 private:
  void Take(std::string_view name) { taken_.push_back(name); }
  bool IsTaken(std::string_view name) const {
    return std::ranges::find(taken_, name) != taken_.end();
  }
  // What a link has beside its id and name, such as an organization's address.
  static void AddRest(std::string_view name, JsonValue link, Tree::Members& other) {
    Tree::Members rest;
    link.ForEachMember([&rest](std::string_view member, JsonValue value) {
      if (member != "id" && member != "name") rest.emplace_back(member, TreeOf(value, 1));
    });
    if (!rest.empty()) other.emplace_back(name, Tree{std::move(rest)});
  }

  const JsonValue item_;
  std::vector<std::string_view> taken_;
};

FoundPerson ReadPerson(ItemReader& reader) {
  FoundPerson person;
  person.emails = reader.Texts("emails");
  person.phones = reader.Texts("phones");
  person.organization = reader.Link("organization");
  person.owner_id = reader.Link("owner").id;
  // API v2 also names the primary address by itself.
  const std::string primary = reader.Text("primary_email");
  const auto found = std::ranges::find(person.emails, primary);
  if (found != person.emails.end()) std::rotate(person.emails.begin(), found, found + 1);
  return person;
}

FoundDeal ReadDeal(ItemReader& reader) {
  FoundDeal deal;
  deal.status = ParseDealStatus(reader.Text("status"));
  deal.value = reader.Number("value");
  deal.currency = reader.Text("currency");
  deal.stage = reader.Link("stage");
  deal.person = reader.Link("person");
  deal.organization = reader.Link("organization");
  deal.owner_id = reader.Link("owner").id;
  return deal;
}

FoundLead ReadLead(ItemReader& reader) {
  FoundLead lead;
  lead.person = reader.Link("person");
  lead.organization = reader.Link("organization");
  lead.value = reader.Number("value");
  lead.currency = reader.Text("currency");
  lead.is_archived = reader.Flag("is_archived");
  lead.owner_id = reader.Link("owner").id;
  return lead;
}

FoundItem ReadItem(double score, JsonValue json) {
  ItemReader reader(json);
  FoundItem item;
  item.score = score;
  const std::string type = reader.Text("type");
  item.type = ParseSearchItemType(type);
  item.id = reader.Text("id");
  item.title = reader.Text("title");
  if (item.title.empty()) item.title = reader.Text("name");
  item.custom_fields = reader.Texts("custom_fields");
  item.notes = reader.Texts("notes");
  switch (item.type) {
    case SearchItemType::kPerson:
      item.detail = ReadPerson(reader);
      break;
    case SearchItemType::kDeal:
      item.detail = ReadDeal(reader);
      break;
    case SearchItemType::kOrganization:
      item.detail = FoundOrganization{reader.Text("address"), reader.Link("owner").id};
      break;
    case SearchItemType::kLead:
      item.detail = ReadLead(reader);
      break;
    default:
      break;
  }
  item.other = reader.Other();
  if (item.type == SearchItemType::kUnknown) item.other.emplace_back("type", Tree{type});
  return item;
}

std::vector<FoundItem> ReadItems(JsonValue list) {
  std::vector<FoundItem> items;
  list.ForEach([&items](JsonValue entry) {
    const JsonValue json = entry["item"];
    if (json.kind() != JsonValue::Kind::kObject) return;
    FoundItem item = ReadItem(entry["result_score"].Number().value_or(0), json);
    if (!item.id.empty()) items.push_back(std::move(item));
  });
  return items;
}

}  // namespace

void AddSearch(http::Url& url, const SearchQuery& query) {
  url.Query("term", query.term);
  if (!query.types.empty()) {
    url.Query("item_types",
              absl::StrJoin(query.types, ",", [](std::string* out, SearchItemType type) {
                out->append(SearchItemTypeName(type));
              }));
  }
  if (!query.fields.empty()) url.Query("fields", absl::StrJoin(query.fields, ","));
  if (query.exact_match) url.Query("exact_match", "true");
  if (query.related_items) url.Query("search_for_related_items", "true");
  url.Query("limit", query.page_size);
}

absl::StatusOr<DecodedSearch> DecodeSearch(std::string_view body, NullList null_list) {
  http::JsonText json;
  if (!json.Parse(body)) return Unreadable("it is not whole, valid JSON");
  const JsonValue root = json.root();
  if (!root["success"].Flag().value_or(true)) return Unreadable("it says success: false");
  const JsonValue data = root["data"];
  const JsonValue items = data["items"];
  const bool null =
      data.kind() == JsonValue::Kind::kNull ||
      (data.kind() == JsonValue::Kind::kObject && items.kind() == JsonValue::Kind::kNull);
  const bool empty = null && null_list == NullList::kIsEmpty;
  if (!empty && items.kind() != JsonValue::Kind::kArray) {
    return Unreadable("it has no list `data.items`");
  }
  DecodedSearch decoded;
  decoded.page.items = ReadItems(items);
  decoded.page.related = ReadItems(data["related_items"]);
  decoded.end = ReadPageEnd(root["additional_data"]);
  return decoded;
}

}  // namespace connector::pipedrive
