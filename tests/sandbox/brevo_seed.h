// What was in the Brevo account before the first sync: people of Pipedrive under other spellings,
// blocked ones, contacts of other systems, phone-only contacts.
#pragma once

#include "brevo_account.h"
#include "pipedrive_account.h"

namespace sandbox {

void SeedBrevo(BrevoAccount& account, const PipedriveAccount& pipedrive, const Options& options);

}  // namespace sandbox
