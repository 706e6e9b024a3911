#pragma once

// What the decoders of both API versions and of all records share.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "http/json.h"
#include "model/person.h"
#include "pipedrive/client.h"

namespace connector::pipedrive {

// Reads members of one record and remembers the first that cannot be what it should be. A missing
// or null member is empty and no problem; an object where a text belongs is one, because taking it
// for empty would clear the value at Brevo.
class RecordReader {
 public:
  explicit RecordReader(http::JsonValue record) : record_(record) {}

  // The positive id; 0 and a problem if there is none.
  int64_t Id();
  // nullopt for "" too; scalars of other types become text.
  std::optional<std::string> Text(std::string_view name);
  // A reference to another record: an id, or an object holding it as `value` or `id`.
  std::optional<int64_t> Reference(std::string_view name);
  // E-mails or phones: an array of {value, label, primary} or of texts, or one text.
  std::vector<ContactPoint> Points(std::string_view name);

  // Nobody's data depends on these: what cannot be read is not there.
  std::optional<int64_t> Count(std::string_view name) const { return record_[name].Integer(); }
  std::optional<Time> TimeOf(std::string_view name) const;
  std::optional<bool> Flag(std::string_view name) const { return record_[name].Flag(); }
  std::optional<double> Number(std::string_view name) const { return record_[name].Number(); }
  std::vector<int64_t> Ids(std::string_view name) const;
  // `label_ids`, or the one `label` that v1 and the webhooks have instead.
  std::vector<int64_t> LabelIds() const;

  http::JsonValue record() const { return record_; }
  const std::string& problem() const { return problem_; }
  // The first problem of a record is the one that is told.
  void Problem(std::string_view name, std::string_view what);

 private:
  http::JsonValue record_;
  std::string problem_;
};

// Where the next page is: a v2 cursor, or v1's `start`. Either may be missing.
struct PageEnd {
  std::string next_cursor;
  bool more = false;  // v1
  std::optional<int64_t> next_start;
};

// Of the member `additional_data`.
PageEnd ReadPageEnd(http::JsonValue additional);

// Walks a page of records. `decode` returns a record or why it could not be read. A null list is an
// empty page in v1 and unreadable in v2, which always sends an array.
template <typename Record>
struct DecodedPage {
  Page<Record> page;
  PageEnd end;
};

enum class NullList { kIsEmpty, kIsUnreadable };

absl::Status WalkPage(
    std::string_view body, NullList null_list, PageEnd& end,
    const std::function<void(http::JsonValue record, std::string_view text)>& on_record);

template <typename Record, typename Decode>
absl::StatusOr<DecodedPage<Record>> DecodePage(std::string_view body, NullList null_list,
                                               const Decode& decode) {
  DecodedPage<Record> out;
  const absl::Status status =
      WalkPage(body, null_list, out.end, [&](http::JsonValue value, std::string_view text) {
        if (value.kind() != http::JsonValue::Kind::kObject) {
          out.page.malformed.push_back({http::FindRawId(text), "the record is not valid JSON"});
          return;
        }
        RecordReader reader(value);
        Record record = decode(reader);
        if (reader.problem().empty()) {
          out.page.records.push_back(std::move(record));
        } else {
          out.page.malformed.push_back({value["id"].ScalarText().value_or(""), reader.problem()});
        }
      });
  if (!status.ok()) return status;
  return out;
}

}  // namespace connector::pipedrive
