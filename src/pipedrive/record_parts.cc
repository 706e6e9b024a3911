#include "pipedrive/record_parts.h"

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "pipedrive/errors.h"

namespace connector::pipedrive {
namespace {

using http::JsonValue;

void AppendPoint(JsonValue entry, std::vector<ContactPoint>& points) {
  const bool object = entry.kind() == JsonValue::Kind::kObject;
  ContactPoint point;
  point.value = (object ? entry["value"] : entry).ScalarText().value_or("");
  if (Trim(point.value).empty()) return;
  if (object) {
    point.label = entry["label"].ScalarText().value_or("");
    point.primary = entry["primary"].Flag().value_or(false);
  }
  points.push_back(std::move(point));
}

}  // namespace

PageEnd ReadPageEnd(JsonValue additional) {
  // v1's *Fields and leads are described flat, answered nested; both are taken.
  const JsonValue nested = additional["pagination"];
  const JsonValue pagination = nested.HasValue() ? nested : additional;
  PageEnd end;
  end.next_cursor = additional["next_cursor"].ScalarText().value_or("");
  end.more = pagination["more_items_in_collection"].Flag().value_or(false);
  end.next_start = pagination["next_start"].Integer();
  return end;
}

void RecordReader::Problem(std::string_view name, std::string_view what) {
  if (problem_.empty()) problem_ = absl::StrCat(ToAbsl(name), " ", ToAbsl(what));
}

int64_t RecordReader::Id() {
  const auto id = record_["id"].Integer();
  if (id && *id > 0) return *id;
  Problem("id", "is missing or not a positive number");
  return 0;
}

std::optional<std::string> RecordReader::Text(std::string_view name) {
  const JsonValue value = record_[name];
  if (value.IsContainer()) Problem(name, "is not a text");
  auto text = value.ScalarText();
  if (text && text->empty()) return std::nullopt;
  return text;
}

std::optional<int64_t> RecordReader::Reference(std::string_view name) {
  const JsonValue value = record_[name];
  if (!value.HasValue()) return std::nullopt;
  auto id = value.Integer();
  if (!id) id = value["value"].Integer();
  if (!id) id = value["id"].Integer();
  if (!id) Problem(name, "is not an id");
  return id;
}

std::vector<ContactPoint> RecordReader::Points(std::string_view name) {
  const JsonValue value = record_[name];
  std::vector<ContactPoint> points;
  switch (value.kind()) {
    case JsonValue::Kind::kMissing:
    case JsonValue::Kind::kNull:
      break;
    case JsonValue::Kind::kArray:
      value.ForEach([&points](JsonValue entry) { AppendPoint(entry, points); });
      break;
    case JsonValue::Kind::kText:
    case JsonValue::Kind::kNumber:
      AppendPoint(value, points);
      break;
    default:
      Problem(name, "is not a list");
  }
  return points;
}

std::optional<Time> RecordReader::TimeOf(std::string_view name) const {
  const auto text = record_[name].Text();
  return text ? ParseTime(*text) : std::nullopt;
}

std::vector<int64_t> RecordReader::Ids(std::string_view name) const {
  std::vector<int64_t> ids;
  record_[name].ForEach([&ids](JsonValue entry) {
    if (const auto id = entry.Integer()) ids.push_back(*id);
  });
  return ids;
}

std::vector<int64_t> RecordReader::LabelIds() const {
  auto ids = Ids("label_ids");
  if (const auto label = Count("label"); label && ids.empty()) ids.push_back(*label);
  return ids;
}

absl::Status WalkPage(
    std::string_view body, NullList null_list, PageEnd& end,
    const std::function<void(JsonValue record, std::string_view text)>& on_record) {
  bool success = true;
  const auto on_member = [&](std::string_view name, JsonValue value) {
    if (name == "success") success = value.Flag().value_or(true);
    if (name == "additional_data") end = ReadPageEnd(value);
  };
  switch (http::WalkJsonList(body, "data", on_record, on_member)) {
    case http::JsonList::kUnreadable:
      return Unreadable("it is not whole, valid JSON");
    case http::JsonList::kMissing:
      return Unreadable("it has no list `data`");
    case http::JsonList::kNull:
      if (null_list == NullList::kIsUnreadable) return Unreadable("`data` is null");
      break;
    case http::JsonList::kRead:
      break;
  }
  return success ? absl::OkStatus() : Unreadable("it says success: false");
}

}  // namespace connector::pipedrive
