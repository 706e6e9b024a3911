#pragma once

// A Brevo account in memory: unique identifiers, import jobs that end after some polls and drop
// what they cannot take. One thread at a time.

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "brevo/client.h"
#include "http/json.h"
#include "model/contact_state.h"

namespace connector::testing {

class FakeBrevo : public brevo::Client {
 public:
  explicit FakeBrevo(const Clock& clock) : clock_(clock) {
    for (const char* name : {"FIRSTNAME", "LASTNAME", "SMS", "COMPANY"}) {
      attributes.push_back({name, "normal", AttributeType::kText, {}});
    }
    lists = {{kList, "All"}, {kList + 1, "Other"}};
  }

  static constexpr int64_t kList = 5;

  std::map<int64_t, Contact> contacts;  // by id, which is also by age
  std::vector<BrevoAttribute> attributes;
  std::vector<BrevoList> lists;
  std::set<std::string> invalid_emails;  // in lower case
  std::set<std::string> invalid_phones;
  int polls_until_done = 2;   // of an import
  bool names_refused = true;  // false: an import only counts what it refuses
  bool lists_processes = true;
  bool shows_changes = true;  // false: asked for changed contacts, it knows none
  bool fails_imports = false;
  bool forgets_blocks = false;  // when the address changes, whatever the write says
  size_t page_size = 1000;

  // Every call, e.g. "contacts@0", "get ann@x.de", "create ann@x.de", "update 1", "import 3 to 5",
  // "processes", "report duplicate_phone_id".
  std::vector<std::string> calls;
  // Asked before each call; what is not OK is its answer and nothing happens.
  std::function<absl::Status(const std::string& call)> on_call;
  // Asked after each write; what is not OK is its answer though it has taken effect.
  std::function<absl::Status(const std::string& call)> after_call;
  std::vector<ContactWrite> writes;  // of creates and updates that took effect
  std::vector<std::string> import_bodies;
  std::vector<brevo::Event> events;  // in order of arrival

  static std::string IdText(const brevo::ContactId& id) { return id.value; }

  // Calls that write.
  int64_t CountWrites() const {
    return std::count_if(calls.begin(), calls.end(), [](const std::string& call) {
      return call.starts_with("create ") || call.starts_with("update ") ||
             call.starts_with("import ") || call.starts_with("remove ");
    });
  }
  int64_t CountCalls(std::string_view start) const {
    return std::count_if(calls.begin(), calls.end(),
                         [start](const std::string& call) { return call.starts_with(start); });
  }

  // No contacts and no jobs.
  void Reset() {
    contacts.clear();
    jobs_.clear();
    next_contact_ = 101;
  }

  Contact& Put(const std::string& email, std::vector<int64_t> in_lists = {}) {
    const int64_t id = next_contact_++;
    Contact& contact = contacts[id];
    contact.id = id;
    contact.email = email;
    contact.list_ids = std::move(in_lists);
    contact.modified_at = clock_.Now();
    return contact;
  }
  Contact* Find(std::string_view email) {
    for (auto& [id, contact] : contacts) {
      if (AsciiLower(contact.email) == AsciiLower(email)) return &contact;
    }
    return nullptr;
  }
  Contact* Resolve(const brevo::ContactId& id) {
    for (auto& [number, contact] : contacts) {
      const bool match = id.type == brevo::ContactId::Type::kBrevoId
                             ? absl::StrCat(number) == id.value
                         : id.type == brevo::ContactId::Type::kExtId
                             ? contact.ext_id == id.value
                             : AsciiLower(contact.email) == AsciiLower(id.value);
      if (match) return &contact;
    }
    return nullptr;
  }
  static Value Get(const Contact& contact, std::string_view attribute) {
    for (const auto& [name, value] : contact.attributes) {
      if (name == attribute) return value;
    }
    return {};
  }
  static void Set(Contact& contact, const std::string& attribute, const Value& value) {
    std::erase_if(contact.attributes, [&](const auto& entry) { return entry.first == attribute; });
    if (!IsEmpty(value)) contact.attributes.emplace_back(attribute, value);
    std::sort(contact.attributes.begin(), contact.attributes.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
  }

  absl::StatusOr<brevo::ContactPage> ListContacts(int64_t offset, std::optional<Time> since,
                                                  const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(
        Enter(absl::StrCat("contacts", since ? " since" : "", "@", offset), context));
    brevo::ContactPage page;
    page.server_time = clock_.Now();
    for (const auto& [id, contact] : contacts) {
      if (since && (contact.modified_at < *since || !shows_changes)) continue;
      const int64_t place = page.total++;
      if (place >= offset && page.contacts.size() < page_size) page.contacts.push_back(contact);
    }
    return page;
  }

  absl::StatusOr<Contact> GetContact(const brevo::ContactId& id,
                                     const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter(absl::StrCat("get ", IdText(id)), context));
    const Contact* contact = Resolve(id);
    return contact != nullptr ? absl::StatusOr<Contact>(*contact) : Gone();
  }

  absl::StatusOr<int64_t> CreateContact(const ContactWrite& write,
                                        const http::CallContext& context) override {
    const std::string call = "create " + write.email;
    CONNECTOR_RETURN_IF_ERROR(Enter(call, context));
    if (invalid_emails.count(AsciiLower(write.email)) > 0) {
      return WithField(
          WithReaction(absl::InvalidArgumentError("email is not valid"), Reaction::kFailRecord),
          "email");
    }
    CONNECTOR_RETURN_IF_ERROR(Check(write, 0));
    Contact& contact = Put(write.email);
    const int64_t id = contact.id;
    Apply(write, contact);
    writes.push_back(write);
    if (after_call) CONNECTOR_RETURN_IF_ERROR(after_call(call));
    return id;
  }

  absl::Status UpdateContact(const brevo::ContactId& id, const ContactWrite& write,
                             const http::CallContext& context) override {
    const std::string call = absl::StrCat("update ", IdText(id));
    CONNECTOR_RETURN_IF_ERROR(Enter(call, context));
    Contact* contact = Resolve(id);
    if (contact == nullptr) return Gone();
    CONNECTOR_RETURN_IF_ERROR(Check(write, contact->id));
    Apply(write, *contact);
    writes.push_back(write);
    return after_call ? after_call(call) : absl::OkStatus();
  }

  absl::Status DeleteContact(const brevo::ContactId& id,
                             const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter(absl::StrCat("delete ", IdText(id)), context));
    const Contact* contact = Resolve(id);
    if (contact == nullptr) return Gone();
    contacts.erase(contact->id);
    return absl::OkStatus();
  }

  absl::Status RemoveFromList(int64_t list_id, const std::vector<std::string>&,
                              const http::CallContext& context) override {
    return Enter(absl::StrCat("remove ", list_id), context);
  }

  absl::StatusOr<int64_t> StartImport(const brevo::ImportBody& body,
                                      const http::CallContext& context) override {
    http::JsonText json;
    if (!body.finished() || !json.Parse(body.text())) return absl::InternalError("no body");
    int64_t list = 0;
    json.root()["listIds"].ForEach([&](http::JsonValue id) { list = id.Integer().value_or(0); });
    const std::string call = absl::StrCat("import ", body.rows(), " to ", list);
    CONNECTOR_RETURN_IF_ERROR(Enter(call, context));
    import_bodies.emplace_back(body.text());
    Job job{.id = next_job_++, .list = list};
    json.root()["jsonBody"].ForEach(
        [&](http::JsonValue row) { job.rows.push_back(ReadRow(row, list)); });
    jobs_.push_back(std::move(job));
    if (after_call) CONNECTOR_RETURN_IF_ERROR(after_call(call));
    return jobs_.back().id;
  }

  absl::StatusOr<std::vector<brevo::Process>> ListProcesses(
      const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter("processes", context));
    std::vector<brevo::Process> processes;
    for (Job& job : jobs_) {
      if (++job.polls >= polls_until_done && !job.done) RunJob(job);
      processes.push_back(Show(job));
    }
    if (!lists_processes) processes.clear();
    return processes;
  }

  absl::Status ReadReport(const std::string& url, const std::function<void(std::string_view)>& row,
                          const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter("report " + url, context));
    for (const Job& job : jobs_) {
      for (const auto& [name, emails] : job.refused) {
        if (url != absl::StrCat(job.id, "/", name)) continue;
        for (const std::string& email : emails) row(email);
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<BrevoAttribute>> ListAttributes(
      const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter("attributes", context));
    return attributes;
  }
  absl::StatusOr<std::vector<BrevoList>> ListLists(const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter("lists", context));
    return lists;
  }
  absl::Status CreateAttribute(const BrevoAttribute&, const http::CallContext&) override {
    return absl::UnimplementedError("not needed");
  }
  absl::StatusOr<brevo::BrevoAccount> GetAccount(const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter("account", context));
    return brevo::BrevoAccount{};
  }

  absl::Status SendEvent(const brevo::Event& event, const http::CallContext& context) override {
    const std::string call = "event " + event.name;
    CONNECTOR_RETURN_IF_ERROR(Enter(call, context));
    events.push_back(event);
    return after_call ? after_call(call) : absl::OkStatus();
  }
  absl::StatusOr<std::vector<absl::Status>> SendEvents(std::span<const brevo::Event> batch,
                                                       const http::CallContext& context) override {
    const std::string call = absl::StrCat("events ", batch.size());
    CONNECTOR_RETURN_IF_ERROR(Enter(call, context));
    events.insert(events.end(), batch.begin(), batch.end());
    if (after_call) CONNECTOR_RETURN_IF_ERROR(after_call(call));
    return std::vector<absl::Status>(batch.size());
  }
  // One page; an event without a time of its own is in no window.
  absl::StatusOr<brevo::EventPage> ListEvents(const brevo::EventsQuery& query,
                                              const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter("list events", context));
    brevo::EventPage page;
    for (const brevo::Event& event : events) {
      if (!(event.occurred_at >= query.from && event.occurred_at <= query.until)) continue;
      page.events.push_back(
          {event.name, event.contact_id, event.occurred_at, event.event_properties});
    }
    page.total = static_cast<int64_t>(page.events.size());
    return page;
  }

 private:
  struct Job {
    int64_t id = 0;
    int64_t list = 0;
    std::vector<ContactWrite> rows;
    int polls = 0;
    bool done = false;
    std::map<std::string, std::vector<std::string>> refused;  // e-mails by report
  };

  static absl::Status Gone() {
    return WithReaction(absl::NotFoundError("Contact does not exist"), Reaction::kGone);
  }

  absl::Status Enter(const std::string& call, const http::CallContext& context) {
    calls.push_back(call);
    if (context.counter != nullptr) ++context.counter->calls;
    return on_call ? on_call(call) : absl::OkStatus();
  }

  // The identifier of the write that another contact than `self` has, or "".
  std::string Conflict(const ContactWrite& write, int64_t self) const {
    for (const auto& [id, contact] : contacts) {
      if (id == self) continue;
      if (!write.email.empty() && AsciiLower(contact.email) == AsciiLower(write.email)) {
        return "email";
      }
      if (write.ext_id && contact.ext_id == *write.ext_id) return "EXT_ID";
      for (const auto& [name, value] : write.attributes) {
        if (name == "SMS" && !IsEmpty(value) && Get(contact, "SMS") == value) return "SMS";
      }
    }
    return "";
  }

  absl::Status Check(const ContactWrite& write, int64_t self) const {
    for (const auto& [name, value] : write.attributes) {
      if (name != "SMS" || invalid_phones.count(ToText(value)) == 0) continue;
      return WithField(
          WithReaction(absl::InvalidArgumentError("Invalid phone number"), Reaction::kRepair),
          "SMS");
    }
    const std::string field = Conflict(write, self);
    if (field.empty()) return absl::OkStatus();
    return WithField(WithReaction(absl::AlreadyExistsError(field + " is already associated"),
                                  Reaction::kConflict),
                     field);
  }

  void Apply(const ContactWrite& write, Contact& contact) {
    if (!write.email.empty() && contact.email != write.email) {
      contact.email = write.email;
      contact.email_blacklisted = forgets_blocks ? false : write.keep_email_block;
    } else if (write.keep_email_block) {
      contact.email_blacklisted = true;
    }
    if (write.block_email) contact.email_blacklisted = true;
    if (write.ext_id) contact.ext_id = *write.ext_id;
    for (const auto& [name, value] : write.attributes) Set(contact, name, value);
    for (const int64_t list : write.join_lists) contact.list_ids.push_back(list);
    std::sort(contact.list_ids.begin(), contact.list_ids.end());
    const auto end = std::unique(contact.list_ids.begin(), contact.list_ids.end());
    contact.list_ids.erase(end, contact.list_ids.end());
    for (const int64_t list : write.leave_lists) std::erase(contact.list_ids, list);
    contact.modified_at = clock_.Now();
  }

  static ContactWrite ReadRow(http::JsonValue row, int64_t list) {
    ContactWrite write;
    write.email = std::string(row["email"].Text().value_or(""));
    write.join_lists = {list};
    row["attributes"].ForEachMember([&](std::string_view name, http::JsonValue value) {
      if (name == "EXT_ID") {
        write.ext_id = std::string(value.Text().value_or(""));
      } else if (value.kind() == http::JsonValue::Kind::kNumber) {
        write.attributes.emplace_back(name, value.Number().value_or(0));
      } else {
        write.attributes.emplace_back(name, std::string(value.Text().value_or("")));
      }
    });
    return write;
  }

  void RunJob(Job& job) {
    job.done = true;
    if (fails_imports) return;
    for (const ContactWrite& write : job.rows) {
      if (invalid_emails.count(AsciiLower(write.email)) > 0) {
        job.refused["invalid_emails"].push_back(write.email);
        continue;
      }
      Contact* contact = Find(write.email);
      const std::string field = Conflict(write, contact != nullptr ? contact->id : 0);
      if (!field.empty() && field != "email") {
        job.refused[field == "SMS" ? "duplicate_phone_id" : "duplicate_ext_id"].push_back(
            write.email);
        continue;
      }
      Apply(write, contact != nullptr ? *contact : Put(write.email));
    }
  }

  brevo::Process Show(const Job& job) const {
    using State = brevo::Process::State;
    brevo::Process process;
    process.id = job.id;
    process.state = !job.done       ? State::kRunning
                    : fails_imports ? State::kFailed
                                    : State::kCompleted;
    for (const auto& [name, emails] : job.refused) {
      if (names_refused) {
        process.reports.emplace_back(name, absl::StrCat(job.id, "/", name));
      } else {
        process.counts.emplace_back(name, emails.size());
      }
    }
    return process;
  }

  const Clock& clock_;
  int64_t next_contact_ = 101;
  int64_t next_job_ = 1001;
  std::vector<Job> jobs_;
};

}  // namespace connector::testing
