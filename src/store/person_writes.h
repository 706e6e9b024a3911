#pragma once

// What a write to a Pipedrive person leaves behind.
//
// Errors and threads as in store/store.h.

#include <string_view>

#include "absl/status/status.h"
#include "model/contact_state.h"
#include "store/person_row.h"

namespace connector::store {

class PersonWrites {
 public:
  virtual ~PersonWrites() = default;

  // Keeps the person as Pipedrive answered with it, unless something newer is stored, and the state
  // of its contact, on top of what events made of `before` meanwhile. Marks nothing, and leaves the
  // contact's own mark and lease alone: whoever wrote goes on with it.
  virtual absl::Status KeepPersonWrite(std::string_view connection, const PersonRow& row,
                                       const ContactState& before, const ContactState& state) = 0;
};

}  // namespace connector::store
