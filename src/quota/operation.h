#pragma once

// What the rate budget must know of a call before it is made.

#include <string_view>

namespace connector::quota {

enum class Api { kPipedrive, kBrevo };

// The limit a call counts against. Pipedrive: facts of its rate-limiting page; Brevo: its
// api-limits page, which gives contacts and events their own buckets and throws everything else
// into one of 100 calls an hour.
enum class Family {
  kPipedriveGeneral,
  kPipedriveSearch,
  kBrevoContacts,
  kBrevoEvents,
  kBrevoOther,
  kUnmetered,  // neither vendor counts it (an OAuth token call, a report file on a foreign host)
};

// Who waits for the answer; a lower one never takes the share reserved for a higher one.
enum class Priority { kInteractive, kWebhook, kIncremental, kBackfill };

// May a call whose outcome is unknown be sent again blindly?
enum class Repeat {
  kSafe,    // reads, PUT/PATCH to a state, DELETE
  kUnsafe,  // POST that creates: look before sending again
};

// One kind of call. Instances are constants beside the client that makes the call.
struct Operation {
  std::string_view name;  // "persons.list": label of metrics and logs
  Api api = Api::kPipedrive;
  Family family = Family::kPipedriveGeneral;
  int tokens = 0;  // Pipedrive's daily tokens (x-token-cost of the official description)
  Repeat repeat = Repeat::kSafe;
  bool write = false;
};

}  // namespace connector::quota
