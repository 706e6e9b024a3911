// All Brevo contacts in one canonical text, for comparing the final states of two runs: sorted,
// without ids and times.
#pragma once

#include <string>

#include "brevo_account.h"

namespace sandbox {

std::string DumpBrevoState(const BrevoAccount& account);

}  // namespace sandbox
