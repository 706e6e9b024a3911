#pragma once

// What Brevo says of the rows of an import that it did not take.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "brevo/client.h"
#include "store/store.h"
#include "sync/accounts.h"

namespace connector::sync {

// Of one job: which rows Brevo refused, and for which identifier. "" stands for the whole row.
using RefusedRows = std::map<std::string, std::set<std::string>>;  // e-mail -> attributes

// The identifier that a kind of report, by Brevo's name of it, is about: "" for the row as a whole.
// nullopt if the kind is not known.
std::optional<std::string_view> AttributeOfReport(std::string_view name);

// The value a row gives an identifier, EXT_ID among them; empty if it gives none.
Value WrittenIdentifier(const ContactWrite& write, std::string_view attribute);

// Which rows were refused where Brevo gives their number alone: those that are not among the
// contacts that changed since the job left, at a call for every thousand of these. nullopt if too
// many changed for that, or if more rows are missing than Brevo counts; the next full run then
// finds them. Of several identifiers that may be the reason the likeliest is named; were it another
// one, Brevo refuses the rest once more and says so.
absl::StatusOr<std::optional<RefusedRows>> FindRefusedRows(const Accounts& accounts,
                                                           store::Store& store,
                                                           const store::ImportJob& job,
                                                           const brevo::Process& process,
                                                           const http::CallContext& context);

}  // namespace connector::sync
