#pragma once

// What the connector asks of Brevo. One object serves one account. Blocks; any thread. Errors carry
// a Reaction and, where Brevo named one, the field (base/status.h).

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/secret.h"
#include "brevo/event.h"
#include "brevo/import_body.h"
#include "http/caller.h"
#include "model/contact.h"
#include "model/schema.h"

namespace connector::brevo {

// A contact that could not be read; the others of its page were.
struct MalformedContact {
  std::string id;
  std::string problem;
};

struct ContactPage {
  std::vector<Contact> contacts;
  std::vector<MalformedContact> malformed;
  int64_t total = 0;                // Brevo's count of all
  std::optional<Time> server_time;  // from the Date header
};

// How a path names a contact.
struct ContactId {
  enum class Type { kBrevoId, kEmail, kExtId } type = Type::kBrevoId;
  std::string value;
};

// An asynchronous job at Brevo.
struct Process {
  int64_t id = 0;
  enum class State { kQueued, kRunning, kCompleted, kFailed, kUnknown } state = State::kUnknown;
  // Addresses of CSV files listing refused rows, by Brevo's name of the reason ("invalid_emails",
  // "duplicate_phone_id", "duplicate_ext_id", "duplicate_email_id", ...).
  std::vector<std::pair<std::string, std::string>> reports;
  // The same where only a number is given.
  std::vector<std::pair<std::string, int64_t>> counts;
};

struct BrevoAccount {
  std::string email;
  std::string company;
  std::string plan;
};

class Client : public EventClient {
 public:
  // 1000 a page, oldest first.
  virtual absl::StatusOr<ContactPage> ListContacts(int64_t offset,
                                                   std::optional<Time> modified_since,
                                                   const http::CallContext& context) = 0;
  // NOT_FOUND if there is none.
  virtual absl::StatusOr<Contact> GetContact(const ContactId& id,
                                             const http::CallContext& context) = 0;
  // Creates; ALREADY_EXISTS with Reaction::kConflict and the field if the e-mail ("email"), "SMS",
  // "EXT_ID"... belongs to a contact. Returns the new id.
  virtual absl::StatusOr<int64_t> CreateContact(const ContactWrite& write,
                                                const http::CallContext& context) = 0;
  // Changes; NOT_FOUND, and ALREADY_EXISTS as above. INVALID_ARGUMENT with Reaction::kRepair and
  // the field for a value Brevo refuses, e.g. an invalid phone number.
  virtual absl::Status UpdateContact(const ContactId& id, const ContactWrite& write,
                                     const http::CallContext& context) = 0;
  // NOT_FOUND if there is none. INVALID_ARGUMENT for an address that belongs to the account itself.
  virtual absl::Status DeleteContact(const ContactId& id, const http::CallContext& context) = 0;
  // At most 150 addresses. Succeeds for those that were not in the list.
  virtual absl::Status RemoveFromList(int64_t list_id, const std::vector<std::string>& emails,
                                      const http::CallContext& context) = 0;

  // Sends an import job; returns its process id. The body must have been finished.
  virtual absl::StatusOr<int64_t> StartImport(const ImportBody& body,
                                              const http::CallContext& context) = 0;
  // The newest 50 jobs of the account.
  virtual absl::StatusOr<std::vector<Process>> ListProcesses(const http::CallContext& context) = 0;
  // Reads a report file and gives each row's e-mail (or, where the row has none, its first column)
  // to `row`. The file lies on a foreign host: no credential is sent. At most 64 MiB are read.
  virtual absl::Status ReadReport(const std::string& url,
                                  const std::function<void(std::string_view email)>& row,
                                  const http::CallContext& context) = 0;

  virtual absl::StatusOr<std::vector<BrevoAttribute>> ListAttributes(
      const http::CallContext& context) = 0;
  virtual absl::StatusOr<std::vector<BrevoList>> ListLists(const http::CallContext& context) = 0;
  // Succeeds if it is there already.
  virtual absl::Status CreateAttribute(const BrevoAttribute& attribute,
                                       const http::CallContext& context) = 0;
  virtual absl::StatusOr<BrevoAccount> GetAccount(const http::CallContext& context) = 0;
};

struct Options {
  std::string base_url = "https://api.brevo.com";  // origin
  Secret api_key;
};

// `caller` makes the API calls, `foreign` those to report files; both must outlive the client.
std::unique_ptr<Client> MakeClient(Options options, http::Caller& caller, http::Caller& foreign);

}  // namespace connector::brevo
