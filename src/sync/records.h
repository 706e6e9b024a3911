#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "http/caller.h"
#include "model/record.h"
#include "model/schema.h"
#include "pipedrive/client.h"
#include "pipedrive/person_client.h"
#include "pipedrive/records_client.h"

namespace connector::sync {

// Pipedrive's records for other services, with custom fields by name and options by label. Blocks
// on calls to Pipedrive; any thread. `connection` may be "" where there is only one; NOT_FOUND
// otherwise. Errors are fit for callers: INVALID_ARGUMENT begins with the field, an outcome that
// is not known is UNAVAILABLE and says so.
class Records {
 public:
  struct Clients {
    pipedrive::Client& reads;
    pipedrive::RecordsClient& records;
    pipedrive::PersonClient& persons;
  };
  // As sync/record_values.h has them.
  using Plain = Tree::Members;
  struct PlainPage {
    std::vector<Plain> records;
    std::vector<RecordKind> kinds;  // of each
    std::string next_cursor;
  };
  struct Deleted {
    std::vector<int64_t> deleted;
    std::vector<int64_t> remaining;  // unknown, refused or not reached
  };

  explicit Records(const Clock& clock) : clock_(clock) {}
  // Before the first thread starts. The clients outlive this.
  void Add(std::string connection, Clients clients);

  absl::StatusOr<PlainPage> List(std::string_view connection, const RecordsQuery& query,
                                 const http::CallContext& context);
  absl::StatusOr<Plain> Get(std::string_view connection, RecordKind kind, const std::string& id,
                            const http::CallContext& context);
  absl::StatusOr<Plain> Create(std::string_view connection, RecordKind kind, Plain record,
                               const http::CallContext& context);
  absl::StatusOr<Plain> Update(std::string_view connection, RecordKind kind, const std::string& id,
                               Plain record, const http::CallContext& context);
  absl::Status Delete(std::string_view connection, RecordKind kind, const std::string& id,
                      const http::CallContext& context);
  // Ends early when the deadline nears or Pipedrive refuses more than a record.
  absl::StatusOr<Deleted> BulkDelete(std::string_view connection, RecordKind kind,
                                     const std::vector<int64_t>& ids,
                                     const http::CallContext& context);
  // The one that stays.
  absl::StatusOr<Plain> Merge(std::string_view connection, int64_t from, int64_t into,
                              const http::CallContext& context);
  absl::StatusOr<PlainPage> ListRecents(std::string_view connection, const RecentsQuery& query,
                                        const http::CallContext& context);
  absl::StatusOr<std::vector<Pipeline>> ListPipelines(std::string_view connection,
                                                      const http::CallContext& context);
  absl::StatusOr<std::vector<Stage>> ListStages(std::string_view connection,
                                                const http::CallContext& context);
  // As they are now.
  absl::StatusOr<std::vector<PipedriveField>> ListFields(std::string_view connection,
                                                         RecordKind kind,
                                                         const http::CallContext& context);

 private:
  using Fields = std::vector<PipedriveField>;
  struct Cached {
    std::shared_ptr<const Fields> fields;
    Time read_at;
  };
  struct Account {
    Clients clients;
    std::mutex mutex;  // guards what follows
    std::map<RecordKind, Cached> fields;
  };

  absl::StatusOr<Account*> Find(std::string_view connection) const;
  // Fields of a kind, of a lead those of deals, not older than `most`.
  absl::StatusOr<std::shared_ptr<const Fields>> FieldsOf(Account& account, RecordKind kind,
                                                         Duration most,
                                                         const http::CallContext& context) const;
  absl::StatusOr<Record> ToRecord(Account& account, RecordKind kind, const Plain& plain,
                                  const http::CallContext& context) const;
  absl::StatusOr<Plain> ToPlain(Account& account, absl::StatusOr<Record> record,
                                const http::CallContext& context) const;

  const Clock& clock_;
  std::map<std::string, std::unique_ptr<Account>, std::less<>> accounts_;
};

}  // namespace connector::sync
