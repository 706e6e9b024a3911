#pragma once

// What becomes of a contact that Brevo does not have any more.

#include "model/contact_state.h"

namespace connector::sync {

// Called, inside the store's transaction, where it is known for certain (404) that the contact was
// deleted in Brevo; true if it is to be converged now. The one place for a policy of deletions.
//
// Today: who deletes a contact in Brevo means it, so nothing makes it again by itself. It is made
// again, as a whole, when its person next changes in Pipedrive: then somebody still works with it.
// What it had opted out of is kept for that case. Its person in Pipedrive is left alone.
bool TakeDeletion(ContactState& state);

}  // namespace connector::sync
