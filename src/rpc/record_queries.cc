#include "rpc/record_queries.h"

#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>

#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "base/time_format.h"
#include "rpc/record_reflection.h"

namespace connector::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;

// Members of a List...Request that aren't filters.
const std::set<std::string, std::less<>> kNoFilters = {"connection", "page_size", "page_token",
                                                       "background", "only_archived"};

std::string FilterText(const Message& request, const FieldDescriptor& field) {
  const auto* reflection = request.GetReflection();
  if (field.is_repeated()) {
    std::vector<int64_t> ids;
    for (int i = 0; i < reflection->FieldSize(request, &field); ++i) {
      ids.push_back(reflection->GetRepeatedInt64(request, &field, i));
    }
    return absl::StrJoin(ids, ",");
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(request, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return absl::AsciiStrToLower(
          reflection->GetEnum(request, &field)->name().substr(sizeof(kStatusPrefix) - 1));
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      Timestamp time;
      time.CopyFrom(MessageAt(request, field));
      return FormatSeconds(
          Time(std::chrono::microseconds(TimeUtil::TimestampToMicroseconds(time))));
    }
    default:
      return std::to_string(reflection->GetInt64(request, &field));
  }
}

constexpr size_t kMostIds = 100;
constexpr int kLargestPage = 500;
constexpr int kDefaultPage = 100;

// FNV-1a with its parameters for 64 bits (RFC 9923): the same in every process. It guards against
// mistakes only.
std::string MarkOf(const Message& request) {
  const std::unique_ptr<Message> bare(request.New());
  bare->CopyFrom(request);
  for (const char* name : {"page_token", "background"}) {
    const auto* field = bare->GetDescriptor()->FindFieldByName(name);
    if (field != nullptr) bare->GetReflection()->ClearField(bare.get(), field);
  }
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : absl::StrCat(request.GetDescriptor()->name(), bare->SerializeAsString())) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16));
}
constexpr size_t kMarkLength = 16;

}  // namespace

absl::StatusOr<int> PageSizeOf(int wanted) {
  if (wanted == 0) return kDefaultPage;
  if (wanted > 0 && wanted <= kLargestPage) return wanted;
  return absl::InvalidArgumentError("page_size: must be from 1 to 500");
}

absl::StatusOr<RecordsQuery> QueryOf(RecordKind kind, const Message& request) {
  const auto* reflection = request.GetReflection();
  RecordsQuery query;
  query.kind = kind;
  CONNECTOR_ASSIGN_OR_RETURN(
      query.page_size, PageSizeOf(reflection->GetInt32(request, NamedField(request, "page_size"))));
  CONNECTOR_ASSIGN_OR_RETURN(query.cursor, CursorOf(request));
  const auto* type = request.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor& field = *type->field(i);
    if (field.name() == "only_archived") query.archived = reflection->GetBool(request, &field);
    if (kNoFilters.contains(field.name()) || !HasValue(request, field)) continue;
    if (field.is_repeated() &&
        reflection->FieldSize(request, &field) > static_cast<int>(kMostIds)) {
      return absl::InvalidArgumentError("ids: at most 100 at once");
    }
    query.filters.emplace_back(VendorName(field.name(), kind == RecordKind::kLead),
                               FilterText(request, field));
  }
  const bool by_ids = NamedField(request, "ids") != nullptr &&
                      reflection->FieldSize(request, NamedField(request, "ids")) > 0;
  if (kind != RecordKind::kLead && !by_ids) query.filters.emplace_back("sort_by", "id");
  if (query.archived && kind == RecordKind::kLead &&
      HasValue(request, *NamedField(request, "updated_since"))) {
    return absl::InvalidArgumentError(
        "updated_since: Pipedrive does not take it for archived leads");
  }
  return query;
}

std::string PageTokenOf(const std::string& cursor, const Message& request) {
  if (cursor.empty()) return "";
  return absl::WebSafeBase64Escape(absl::StrCat(MarkOf(request), cursor));
}

absl::StatusOr<std::string> CursorOf(const Message& request) {
  std::string decoded;
  const std::string token = TextOf(request, "page_token");
  if (token.empty()) return decoded;
  if (!absl::WebSafeBase64Unescape(token, &decoded) || decoded.size() <= kMarkLength) {
    return absl::InvalidArgumentError("page_token: not one of this service's");
  }
  if (decoded.substr(0, kMarkLength) != MarkOf(request)) {
    return absl::InvalidArgumentError(
        "page_token: belongs to another query; all other fields must be as for the page before");
  }
  return decoded.substr(kMarkLength);
}

}  // namespace connector::rpc
