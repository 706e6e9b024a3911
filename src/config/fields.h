#pragma once

// Every scalar option of the file, as one table. It drives reading, the search for unknown keys,
// Describe() and the table in docs/configuration.md, so that none of them can disagree.

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/config.h"

namespace connector::config {

// How a value is written and what it may be.
enum class Kind {
  kSwitch,
  kInteger,
  kNumber,
  kText,
  kChoice,        // one of Field::choices; case does not matter
  kDuration,      // "30m", "1h30m"
  kInterval,      // the same, or "off"
  kAutoInterval,  // the same, or "auto"
  kSecret,
  kOrigin,  // scheme and host, perhaps a port, nothing else
  kUrl,     // https; plain http to loopback only
  kProxyUrl,
  kListen,     // "HOST:PORT", ":PORT"
  kStoreUrl,   // sqlite:PATH or postgresql://...
  kDomain,     // the part before .pipedrive.com
  kRegion,     // two letters of ISO 3166
  kEventName,  // what Brevo takes as the name of an event
  kFile,       // a file that can be read
  kNetworks,   // addresses and networks with commas between them
};

// Where a value is kept.
using Slot = std::variant<bool*, int*, int64_t*, double*, std::string*, Secret*, Duration*,
                          mapping::ConflictPolicy*>;

struct Field {
  std::string_view key;  // from the root: "connectors.pipedrive.seats"
  Kind kind = Kind::kText;
  Slot (*slot)(Config&) = nullptr;  // `config.connections` must have its first element
  std::string_view description;     // one line, for docs/configuration.md
  double min = 0;                   // of numbers; of durations in seconds; both ends included
  double max = 0;
  std::vector<std::string_view> choices = {};
  std::string_view environment = {};  // the variable that is used where the file has no such key
};

// In the order of the documentation.
const std::vector<Field>& Fields();

// True for fields whose value is or may hold a credential: never quoted, and `<key>_file: PATH` may
// stand in its place.
bool HoldsSecret(const Field& field);

// "v1, v2", "1 to 10000", "true, false".
std::string AllowedText(const Field& field);

// The field's value as the file would have it; *** instead of a secret, "" if not set.
std::string ValueText(const Field& field, Config& config);

// The table of docs/configuration.md, lines ending in newlines.
std::string MarkdownTable();

}  // namespace connector::config
