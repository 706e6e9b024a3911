#include "v1_paging.h"

#include "text.h"

namespace sandbox {
namespace {

constexpr int64_t kMaxLimit = 500;

}  // namespace

Paging ParsePaging(const Call& call) {
  Paging paging;
  for (const char* name : {"start", "limit"}) {
    const auto text = call.Query(name);
    if (text && !ParseInteger(*text)) paging.wrong = std::string(name) + " must be an integer";
  }
  paging.start = call.QueryInt("start", 0);
  paging.limit = call.QueryInt("limit", 100);
  if (paging.start < 0) paging.wrong = "start must not be negative";
  if (paging.limit < 1 || paging.limit > kMaxLimit) paging.wrong = "limit must be from 1 to 500";
  return paging;
}

nlohmann::json PagingJson(const Paging& paging, bool more) {
  nlohmann::json out = {
      {"start", paging.start}, {"limit", paging.limit}, {"more_items_in_collection", more}};
  if (more) out["next_start"] = paging.start + paging.limit;
  return out;
}

}  // namespace sandbox
