#pragma once

// Searching Pipedrive by text: the question and what is found.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "model/deal.h"
#include "model/tree.h"

namespace connector {

enum class SearchItemType {
  kUnknown,  // of an item found: a word this version does not know
  kDeal,
  kPerson,
  kOrganization,
  kProduct,
  kLead,
  kFile,
  kMailAttachment,
  kProject,
};
// Pipedrive's word, such as "mail_attachment"; "" for kUnknown.
std::string_view SearchItemTypeName(SearchItemType type);
// kUnknown for a word this version does not know.
SearchItemType ParseSearchItemType(std::string_view name);

inline constexpr int kDefaultSearchPage = 50;
inline constexpr int kLargestSearchPage = 100;  // Pipedrive's own limit

struct SearchQuery {
  std::string term;
  std::vector<SearchItemType> types;  // empty: all
  std::vector<std::string> fields;    // Pipedrive's names; empty: all
  bool exact_match = false;
  bool related_items = false;
  int page_size = kDefaultSearchPage;
  std::string cursor;  // of the page before; "" for the first

  bool operator==(const SearchQuery&) const = default;
};

// The same question in one form: outer blanks gone, types and fields sorted and each once. The
// case of the term stays, though it does not matter.
SearchQuery Normalized(SearchQuery query);

// INVALID_ARGUMENT naming the field if Pipedrive would refuse the normalized query.
absl::Status CheckSearch(const SearchQuery& query);

// Equal for normalized queries that find the same, whatever the cursor.
std::string SearchKey(const SearchQuery& query);

// A record that an item found is linked to; id 0: none.
struct FoundLink {
  int64_t id = 0;
  std::string name;
  bool operator==(const FoundLink&) const = default;
};

struct FoundPerson {
  std::vector<std::string> emails;  // the primary one first
  std::vector<std::string> phones;
  FoundLink organization;
  int64_t owner_id = 0;
  bool operator==(const FoundPerson&) const = default;
};

struct FoundDeal {
  std::optional<DealStatus> status;
  std::optional<double> value;
  std::string currency;
  FoundLink stage;
  FoundLink person;
  FoundLink organization;
  int64_t owner_id = 0;
  bool operator==(const FoundDeal&) const = default;
};

struct FoundOrganization {
  std::string address;
  int64_t owner_id = 0;
  bool operator==(const FoundOrganization&) const = default;
};

struct FoundLead {
  FoundLink person;
  FoundLink organization;
  std::optional<double> value;
  std::string currency;
  bool is_archived = false;
  int64_t owner_id = 0;
  bool operator==(const FoundLead&) const = default;
};

struct FoundItem {
  double score = 0;  // only comparable within one page
  SearchItemType type = SearchItemType::kUnknown;
  std::string id;  // a number; of a lead its UUID
  std::string title;
  std::vector<std::string> custom_fields;  // values that matched
  std::vector<std::string> notes;          // that matched
  std::variant<std::monostate, FoundPerson, FoundDeal, FoundOrganization, FoundLead> detail;
  Tree::Members other;  // everything else, under Pipedrive's names
  bool operator==(const FoundItem&) const = default;
};

struct SearchPage {
  std::vector<FoundItem> items;  // the best first
  std::vector<FoundItem> related;
  std::string next_cursor;  // "" on the last page
  bool operator==(const SearchPage&) const = default;
};

}  // namespace connector
