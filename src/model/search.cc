#include "model/search.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"

namespace connector {
namespace {

constexpr std::array<std::string_view, 9> kTypeNames = {
    "", "deal", "person", "organization", "product", "lead", "file", "mail_attachment", "project"};

// The parameter `fields` of itemSearch in Pipedrive's official description.
constexpr std::array<std::string_view, 9> kFields = {
    "address", "code", "custom_fields", "description", "email", "name", "notes", "phone", "title"};

// Ours: a longer term finds nothing, and in percent encoding it would outgrow what web servers take
// as an address (8 KiB).
constexpr size_t kLongestTerm = 500;

// Code points of a text in UTF-8.
size_t CountCharacters(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

template <typename Value>
void SortUnique(std::vector<Value>& values) {
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

std::string_view SearchItemTypeName(SearchItemType type) {
  return kTypeNames[static_cast<size_t>(type)];
}

SearchItemType ParseSearchItemType(std::string_view name) {
  const auto found = std::ranges::find(kTypeNames, name);
  return found == kTypeNames.end() ? SearchItemType::kUnknown
                                   : static_cast<SearchItemType>(found - kTypeNames.begin());
}

SearchQuery Normalized(SearchQuery query) {
  query.term = std::string(Trim(query.term));
  SortUnique(query.types);
  SortUnique(query.fields);
  return query;
}

absl::Status CheckSearch(const SearchQuery& query) {
  const size_t length = CountCharacters(query.term);
  if (length == 0 || (length < 2 && !query.exact_match)) {
    return absl::InvalidArgumentError(
        "term: must have at least two characters, or one with exact_match");
  }
  if (length > kLongestTerm) {
    return absl::InvalidArgumentError(
        absl::StrCat("term: must have at most ", kLongestTerm, " characters"));
  }
  if (std::ranges::count(query.types, SearchItemType::kUnknown) > 0) {
    return absl::InvalidArgumentError("item_types: must be types that can be searched");
  }
  for (const std::string& field : query.fields) {
    if (std::ranges::find(kFields, field) != kFields.end()) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "fields: Pipedrive can't search in '", field.substr(0, 40), "', only in ",
        absl::StrJoin(kFields, ", ",
                      [](std::string* out, std::string_view name) { out->append(name); })));
  }
  if (query.page_size < 1 || query.page_size > kLargestSearchPage) {
    return absl::InvalidArgumentError(
        absl::StrCat("page_size: must be from 1 to ", kLargestSearchPage));
  }
  return absl::OkStatus();
}

std::string SearchKey(const SearchQuery& query) {
  std::string types;
  for (const SearchItemType type : query.types) absl::StrAppend(&types, static_cast<int>(type));
  // The term is last, since it alone may hold any character.
  return absl::StrCat(types, ";", absl::StrJoin(query.fields, ","), ";", query.exact_match, ";",
                      query.related_items, ";", query.page_size, ";", AsciiLower(query.term));
}

}  // namespace connector
