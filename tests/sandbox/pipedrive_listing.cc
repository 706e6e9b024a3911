#include "pipedrive_listing.h"

#include <nlohmann/json.hpp>

#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

constexpr size_t kMaxIds = 100;

std::string ParseTime(const Call& call, const char* name, std::optional<int64_t>& out) {
  const auto text = call.Query(name);
  if (!text) return "";
  // Fractions of a second are refused by the live API.
  const auto millis = ParseRfc3339Millis(*text, false);
  if (!millis) return std::string(name) + " must be an RFC 3339 time without fractions";
  out = *millis / 1000;
  return "";
}

std::string ParseCursor(const Call& call, ListQuery& query) {
  const auto text = call.Query("cursor");
  if (!text) return "";
  const auto decoded = Base64Decode(*text);
  if (!decoded) return "Invalid cursor";
  const json cursor = json::parse(*decoded, nullptr, false);
  if (!cursor.is_object() || !cursor.contains("id") || !cursor["id"].is_number_integer() ||
      !cursor.contains("fieldValue") || !cursor["fieldValue"].is_number_integer()) {
    return "Invalid cursor";
  }
  if (cursor.value("field", "") != query.sort ||
      cursor.value("sortDirection", "") != (query.descending ? "desc" : "asc")) {
    return "Invalid cursor: it belongs to another sorting";
  }
  query.has_cursor = true;
  query.cursor_value = cursor["fieldValue"];
  query.cursor_id = cursor["id"];
  return query.cursor_id < 0 ? "Invalid cursor" : "";
}

std::string ParseIds(const Call& call, ListQuery& query) {
  const auto text = call.Query("ids");
  if (!text) return "";
  for (const std::string& part : SplitComma(*text)) {
    const auto id = ParseInteger(part);
    if (!id) return "ids must be integers";
    query.ids.insert(*id);
  }
  if (query.ids.empty()) return "ids must not be empty";
  return query.ids.size() > kMaxIds ? "ids: at most 100" : "";
}

}  // namespace

std::vector<std::string> SplitComma(const std::string& text) {
  std::vector<std::string> out;
  size_t at = 0;
  while (at <= text.size() && !text.empty()) {
    const size_t comma = text.find(',', at);
    out.push_back(text.substr(at, comma == std::string::npos ? comma : comma - at));
    if (comma == std::string::npos) break;
    at = comma + 1;
  }
  return out;
}

std::string MakeCursor(const ListQuery& query, int64_t value, int64_t id) {
  return Base64Encode("{\"field\":\"" + query.sort + "\",\"fieldValue\":" + std::to_string(value) +
                      ",\"sortDirection\":\"" + (query.descending ? "desc" : "asc") +
                      "\",\"id\":" + std::to_string(id) + "}");
}

std::string ParseListQuery(const Call& call, int64_t max_limit, ListQuery& query) {
  if (const auto text = call.Query("limit")) {
    const auto limit = ParseInteger(*text);
    if (!limit || *limit < 1 || *limit > max_limit) {
      return "limit must be an integer from 1 to " + std::to_string(max_limit);
    }
    query.limit = *limit;
  }
  query.limit = std::min(query.limit, max_limit);
  query.sort = call.Query("sort_by").value_or("id");
  if (query.sort != "id" && query.sort != "update_time" && query.sort != "add_time") {
    return "sort_by must be id, update_time or add_time";
  }
  const std::string direction = call.Query("sort_direction").value_or("asc");
  if (direction != "asc" && direction != "desc") return "sort_direction must be asc or desc";
  query.descending = direction == "desc";
  for (const char* name :
       {"filter_id", "owner_id", "org_id", "deal_id", "person_id", "pipeline_id", "stage_id"}) {
    const auto text = call.Query(name);
    if (text && !ParseInteger(*text)) return std::string(name) + " must be an integer";
  }
  std::string wrong = ParseCursor(call, query);
  if (wrong.empty()) wrong = ParseTime(call, "updated_since", query.since);
  if (wrong.empty()) wrong = ParseTime(call, "updated_until", query.until);
  if (wrong.empty()) wrong = ParseIds(call, query);
  if (wrong.empty() && call.Query("filter_id")) {
    query.by_filter = true;
    query.ids.clear();
    query.since.reset();
    query.until.reset();
  }
  return wrong;
}

Reply ListReply(std::string data, const std::string& next_cursor) {
  Reply reply;
  reply.body = "{\"success\":true,\"data\":[" + std::move(data) +
               "],\"additional_data\":{\"next_cursor\":" +
               (next_cursor.empty() ? "null" : "\"" + next_cursor + "\"") + "}}";
  return reply;
}

}  // namespace sandbox
