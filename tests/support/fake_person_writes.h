#pragma once

// Writes to the persons of a FakePipedrive. One thread at a time.

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "pipedrive/person_client.h"
#include "support/fake_pipedrive.h"

namespace connector::testing {

class FakePersonWrites : public pipedrive::PersonClient {
 public:
  FakePersonWrites(FakePipedrive& pipedrive, const Clock& clock)
      : pipedrive_(pipedrive), clock_(clock) {}

  // Every call, e.g. "create", "update 3", "delete 3", "merge 3 into 4".
  std::vector<std::string> calls;
  std::vector<PersonWrite> writes;  // of creations and updates
  bool keep_phones = false;         // takes them and keeps what it had
  bool keep_status = false;         // the same of the marketing status
  // Asked before each call; what is not OK is its answer.
  std::function<absl::Status(const std::string& call)> on_call;

  absl::StatusOr<Person> CreatePerson(const PersonWrite& write, const pipedrive::Selection&,
                                      const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter("create", context));
    const auto& persons = pipedrive_.persons;
    return Apply(persons.empty() ? 1 : persons.rbegin()->first + 1, write);
  }
  absl::StatusOr<Person> UpdatePerson(int64_t id, const PersonWrite& write,
                                      const pipedrive::Selection&,
                                      const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter(absl::StrCat("update ", id), context));
    if (!IsThere(id)) return Gone();
    return Apply(id, write);
  }
  absl::Status DeletePerson(int64_t id, const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter(absl::StrCat("delete ", id), context));
    pipedrive_.persons.erase(id);
    return absl::OkStatus();
  }
  absl::StatusOr<int64_t> MergePersons(int64_t from, int64_t into,
                                       const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter(absl::StrCat("merge ", from, " into ", into), context));
    if (!IsThere(from) || !IsThere(into)) return Gone();
    Person& kept = pipedrive_.persons[into];
    for (ContactPoint point : pipedrive_.persons[from].emails) {
      point.primary = false;
      kept.emails.push_back(point);
    }
    kept.update_time = clock_.Now();
    pipedrive_.persons.erase(from);
    return into;
  }

 private:
  static absl::Status Gone() {
    return WithReaction(absl::NotFoundError("no such person"), Reaction::kGone);
  }
  bool IsThere(int64_t id) const {
    const auto found = pipedrive_.persons.find(id);
    return found != pipedrive_.persons.end() && !found->second.is_deleted;
  }

  Person Apply(int64_t id, const PersonWrite& write) {
    writes.push_back(write);
    Person& person = pipedrive_.persons[id];
    person.id = id;
    if (write.name) person.name = write.name;
    if (write.first_name) person.first_name = write.first_name;
    if (write.last_name) person.last_name = write.last_name;
    if (write.emails) person.emails = *write.emails;
    if (write.phones && !keep_phones) person.phones = *write.phones;
    if (write.owner_id) person.owner_id = write.owner_id;
    if (write.marketing_status && !keep_status) person.marketing_status = write.marketing_status;
    if (write.org_id) {
      person.org_id = *write.org_id == 0 ? std::nullopt : write.org_id;
    }
    for (const auto& [key, value] : write.custom_fields) ApplyCustom(person, key, value);
    person.update_time = clock_.Now();
    return person;
  }

  static void ApplyCustom(Person& person, const std::string& key, const CustomValue& value) {
    std::erase_if(person.custom_fields, [&](const auto& field) { return field.first == key; });
    if (std::holds_alternative<std::monostate>(value)) return;
    person.custom_fields.emplace_back(key, value);
    std::sort(person.custom_fields.begin(), person.custom_fields.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
  }

  absl::Status Enter(const std::string& call, const http::CallContext& context) {
    calls.push_back(call);
    if (context.counter != nullptr) ++context.counter->calls;
    return on_call ? on_call(call) : absl::OkStatus();
  }

  FakePipedrive& pipedrive_;
  const Clock& clock_;
};

}  // namespace connector::testing
