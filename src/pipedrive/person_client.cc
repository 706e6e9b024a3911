#include "pipedrive/person_client.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "pipedrive/endpoint.h"
#include "pipedrive/errors.h"
#include "pipedrive/operations.h"
#include "pipedrive/person_decoder_v1.h"
#include "pipedrive/person_decoder_v2.h"
#include "pipedrive/person_encoder.h"

namespace connector::pipedrive {
namespace {

struct Dialect {
  std::string_view path;
  http::Method update;
  const quota::Operation& get_operation;
  const quota::Operation& create_operation;
  const quota::Operation& update_operation;
  const quota::Operation& delete_operation;
};

constexpr Dialect kV2 = {"/api/v2/persons", http::Method::kPatch, kGetPerson,
                         kCreatePerson,     kUpdatePerson,        kDeletePerson};
constexpr Dialect kV1 = {"/api/v1/persons", http::Method::kPut, kGetPersonV1,
                         kCreatePersonV1,   kUpdatePersonV1,    kDeletePersonV1};

bool OneNameOfTwo(const PersonWrite& write) {
  return !write.name && write.first_name.has_value() != write.last_name.has_value();
}

absl::Status Gone(int64_t id) {
  return WithReaction(absl::NotFoundError(absl::StrCat("person ", id, " is deleted")),
                      Reaction::kGone);
}

absl::Status CheckName(const PersonWrite& write) {
  const bool named = write.name || write.first_name || write.last_name;
  const bool empty = write.name.value_or("").empty() && write.first_name.value_or("").empty() &&
                     write.last_name.value_or("").empty();
  if (!named || !empty) return absl::OkStatus();
  return WithField(
      WithReaction(absl::InvalidArgumentError("a person needs a name"), Reaction::kFailRecord),
      "name");
}

// Sets the field of a refusal that names one of the person's own: errors know custom keys only.
absl::Status NamingField(absl::Status status) {
  if (!absl::IsInvalidArgument(status) || !FieldOf(status).empty()) return status;
  for (const char* name : {"emails", "phones", "email", "phone", "org_id", "owner_id",
                           "marketing_status", "label_ids", "visible_to", "name"}) {
    if (ToStd(status.message()).find(name) != std::string_view::npos) {
      return WithField(std::move(status), name);
    }
  }
  return status;
}

class HttpPersonClient : public PersonClient {
 public:
  HttpPersonClient(Options options, http::Caller& caller)
      : v2_(options.version == ApiVersion::kV2),
        dialect_(v2_ ? kV2 : kV1),
        endpoint_(std::move(options), caller) {}

  absl::StatusOr<Person> CreatePerson(const PersonWrite& write, const Selection& selection,
                                      const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(CheckName(write));
    CONNECTOR_ASSIGN_OR_RETURN(Person person,
                               Write({dialect_.create_operation, http::Method::kPost,
                                      endpoint_.At(dialect_.path), Encode(write, selection)},
                                     selection, context));
    if (!NeedsRead(write, selection)) return person;
    absl::StatusOr<Person> seen = Read(person.id, write, selection, context);
    // It was created: who now asks again would have it twice.
    if (!seen.ok()) return WithReaction(seen.status(), Reaction::kAmbiguous);
    return seen;
  }

  absl::StatusOr<Person> UpdatePerson(int64_t id, const PersonWrite& write,
                                      const Selection& selection,
                                      const http::CallContext& context) override {
    PersonWrite whole = write;
    if (OneNameOfTwo(write)) {
      CONNECTOR_ASSIGN_OR_RETURN(const Person now, Read(id, {}, {}, context));
      if (!write.first_name) whole.first_name = now.first_name;
      if (!write.last_name) whole.last_name = now.last_name;
    }
    CONNECTOR_RETURN_IF_ERROR(CheckName(whole));
    CONNECTOR_ASSIGN_OR_RETURN(
        Person person, Write({dialect_.update_operation, dialect_.update,
                              endpoint_.At(dialect_.path).Segment(id), Encode(whole, selection)},
                             selection, context));
    if (person.is_deleted) return Gone(id);
    if (!NeedsRead(write, selection)) return person;
    return Read(id, write, selection, context);
  }

  absl::Status DeletePerson(int64_t id, const http::CallContext& context) override {
    const absl::Status status =
        endpoint_.Send({dialect_.delete_operation,
                        http::Method::kDelete,
                        endpoint_.At(dialect_.path).Segment(id),
                        {}},
                       context, [](const http::Response&) { return absl::OkStatus(); });
    return absl::IsNotFound(status) ? absl::OkStatus() : status;
  }

  absl::StatusOr<int64_t> MergePersons(int64_t from, int64_t into,
                                       const http::CallContext& context) override {
    if (from == into) {
      return WithReaction(absl::InvalidArgumentError("a person cannot be merged with itself"),
                          Reaction::kFailRecord);
    }
    // The person of the path is the one that goes.
    http::Url url = endpoint_.At("/api/v1/persons");
    url.Segment(from).Segment("merge");
    const std::string body = absl::StrCat("{\"merge_with_id\":", into, "}");
    int64_t id = 0;
    CONNECTOR_RETURN_IF_ERROR(
        endpoint_.Send({kMergePersons, http::Method::kPut, url, body}, context,
                       [&id](const http::Response& response) -> absl::Status {
                         http::JsonText json;
                         if (!json.Parse(response.body)) return Unreadable("it is not whole JSON");
                         id = json.root()["data"]["id"].Integer().value_or(0);
                         return id > 0 ? absl::OkStatus() : Unreadable("it has no id");
                       }));
    return id;
  }

 private:
  struct Call {
    const quota::Operation& operation;
    http::Method method = http::Method::kGet;
    http::Url url;
    std::string body;
  };

  std::string Encode(const PersonWrite& write, const Selection& selection) const {
    return v2_ ? EncodePersonV2(write, selection.custom_types)
               : EncodePersonV1(write, selection.custom_types);
  }

  // What the answer to a write lacks: v2 gives counts and consent only if they are asked for.
  bool NeedsRead(const PersonWrite& write, const Selection& selection) const {
    return v2_ && (selection.deal_counts || write.marketing_status.has_value());
  }

  absl::StatusOr<Person> Read(int64_t id, const PersonWrite& write, const Selection& selection,
                              const http::CallContext& context) const {
    http::Url url = endpoint_.At(dialect_.path);
    url.Segment(id);
    Selection shown = selection;
    shown.marketing_status |= write.marketing_status.has_value();
    if (const std::string included = IncludedFields(shown); v2_ && !included.empty()) {
      url.Query("include_fields", included);
    }
    CONNECTOR_ASSIGN_OR_RETURN(
        Person person,
        Write({dialect_.get_operation, http::Method::kGet, url, {}}, selection, context));
    if (person.is_deleted) return Gone(id);
    return person;
  }

  absl::StatusOr<Person> Write(const Call& call, const Selection& selection,
                               const http::CallContext& context) const {
    Person person;
    CONNECTOR_RETURN_IF_ERROR(NamingField(endpoint_.Send(
        {call.operation, call.method, call.url, call.body}, context,
        [&](const http::Response& response) { return Decode(response.body, selection, person); })));
    return person;
  }

  absl::Status Decode(std::string_view body, const Selection& selection, Person& person) const {
    http::JsonText json;
    if (!json.Parse(body)) return Unreadable("it is not whole, valid JSON");
    RecordReader reader(json.root()["data"]);
    if (reader.record().kind() != http::JsonValue::Kind::kObject) {
      return Unreadable("it has no record `data`");
    }
    const WantedFields wanted(selection);
    person = v2_ ? DecodePersonV2(reader, wanted) : DecodePersonV1(reader, selection, wanted);
    return reader.problem().empty() ? absl::OkStatus() : Unreadable(reader.problem());
  }

  const bool v2_;
  const Dialect dialect_;
  const Endpoint endpoint_;
};

}  // namespace

std::unique_ptr<PersonClient> MakePersonClient(Options options, http::Caller& caller) {
  return std::make_unique<HttpPersonClient>(std::move(options), caller);
}

}  // namespace connector::pipedrive
