#pragma once

// What the methods that fold records into the store share.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/person.h"

namespace connector::store {

// A person as a page or an event brought it, with the identity `mapping` found for it.
struct PersonRow {
  Person person;
  std::string email;   // chosen, in lower case; "" if it has none that is usable
  std::string ext_id;  // pd-<company>-<person>
  // Without an e-mail it becomes a contact of its own, known by its EXT_ID, rather than none.
  bool contact_without_email = false;
};

// How new what is stored of a person is.
struct PersonVersion {
  int64_t id = 0;
  std::optional<Time> update_time;
};

// The outcome of folding persons or organizations.
struct FoldCounts {
  int64_t fresh = 0;  // not known before
  int64_t changed = 0;
  int64_t unchanged = 0;
  int64_t stale = 0;    // older than what is stored: not taken
  int64_t at_rest = 0;  // bound to a contact and not marked: nothing is to be planned for them
  std::vector<int64_t> erased;   // persons that were erased on request: not taken
  std::vector<int64_t> unbound;  // persons that have no contact, gone ones aside
};

}  // namespace connector::store
