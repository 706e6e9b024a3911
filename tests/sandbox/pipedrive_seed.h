// Fills the account with people as awkward as real ones, the same for the same seed.
#pragma once

#include "pipedrive_account.h"

namespace sandbox {

void SeedPipedrive(PipedriveAccount& account, const Options& options);

}  // namespace sandbox
