#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "http/caller.h"
#include "model/person.h"
#include "model/person_write.h"
#include "pipedrive/client.h"

namespace connector::pipedrive {

// Writes persons, whichever API version the account is used by. Blocks; any thread. Errors as in
// pipedrive/client.h; INVALID_ARGUMENT with the field's name where Pipedrive refuses a value.
class PersonClient {
 public:
  virtual ~PersonClient() = default;

  // Not idempotent: after an error with may-have-arrived semantics the caller looks before it asks
  // again. Answers with the person as it is now, with all that `selection` names.
  virtual absl::StatusOr<Person> CreatePerson(const PersonWrite& write, const Selection& selection,
                                              const http::CallContext& context) = 0;
  // NOT_FOUND if it is deleted or gone.
  virtual absl::StatusOr<Person> UpdatePerson(int64_t id, const PersonWrite& write,
                                              const Selection& selection,
                                              const http::CallContext& context) = 0;
  // OK if it is gone already.
  virtual absl::Status DeletePerson(int64_t id, const http::CallContext& context) = 0;
  // `from` ceases to be, `into` takes over its deals, activities and addresses. API v1 alone has
  // it.
  virtual absl::StatusOr<int64_t> MergePersons(int64_t from, int64_t into,
                                               const http::CallContext& context) = 0;
};

// `caller` must outlive the client.
std::unique_ptr<PersonClient> MakePersonClient(Options options, http::Caller& caller);

}  // namespace connector::pipedrive
