#include "sync/deleted_contact.h"

namespace connector::sync {

bool TakeDeletion(ContactState& state) {
  state.existence = Existence::kAbsent;
  state.brevo_id = 0;
  state.lists.clear();
  state.lists_put.clear();
  // Nothing is agreed on any more, so that a contact made again gets every value.
  for (FieldState& field : state.fields) {
    field = {.attribute = std::move(field.attribute), .refused = std::move(field.refused)};
  }
  return false;
}

}  // namespace connector::sync
