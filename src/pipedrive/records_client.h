#pragma once

// Pipedrive's records of every kind, for callers that are no part of a sync.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "http/caller.h"
#include "model/record.h"
#include "pipedrive/client.h"
#include "pipedrive/record_codec.h"

namespace connector::pipedrive {

// By API v2, which has a twin of each of these calls even where the account is synced by v1; leads
// and recents by v1, the only one to have them. `types` say how custom fields are written and read.
// Blocks; any thread. Errors as those of Client; INVALID_ARGUMENT names the field that Pipedrive
// refused, NOT_FOUND is a record that is gone.
class RecordsClient {
 public:
  virtual ~RecordsClient() = default;

  virtual absl::StatusOr<RecordPage> ListRecords(const RecordsQuery& query, const FieldTypes& types,
                                                 const http::CallContext& context) = 0;
  // `id` is a number, of leads a UUID. A deleted record is found, too.
  virtual absl::StatusOr<Record> GetRecord(RecordKind kind, const std::string& id,
                                           const FieldTypes& types,
                                           const http::CallContext& context) = 0;
  // Not idempotent: Reaction::kAmbiguous if it may have arrived.
  virtual absl::StatusOr<Record> CreateRecord(const Record& record, const FieldTypes& types,
                                              const http::CallContext& context) = 0;
  virtual absl::StatusOr<Record> UpdateRecord(const std::string& id, const Record& record,
                                              const FieldTypes& types,
                                              const http::CallContext& context) = 0;
  virtual absl::Status DeleteRecord(RecordKind kind, const std::string& id,
                                    const http::CallContext& context) = 0;
  // True if one call deletes many: the accounts of API v1. Not of leads.
  virtual bool deletes_in_bulk() const = 0;
  // At most 100; those that were deleted.
  virtual absl::StatusOr<std::vector<int64_t>> BulkDelete(RecordKind kind,
                                                          const std::vector<int64_t>& ids,
                                                          const http::CallContext& context) = 0;
  // All pages.
  virtual absl::StatusOr<std::vector<PipedriveField>> ListRecordFields(
      RecordKind kind, const http::CallContext& context) = 0;
  // Pipedrive silently goes back a month at most.
  virtual absl::StatusOr<RecordPage> ListRecents(const RecentsQuery& query,
                                                 const std::map<RecordKind, FieldTypes>& types,
                                                 const http::CallContext& context) = 0;
};

// `caller` must outlive the client.
std::unique_ptr<RecordsClient> MakeRecordsClient(Options options, http::Caller& caller);

}  // namespace connector::pipedrive
