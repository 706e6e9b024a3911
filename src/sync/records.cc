#include "sync/records.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "sync/record_values.h"

namespace connector::sync {
namespace {

using pipedrive::FieldTypes;

// Fields and options are read anew after so long, and at once when a name is not among them.
constexpr Duration kFieldsMaxAge = std::chrono::hours(1);
constexpr Duration kJustRead = std::chrono::seconds(30);

// What is left for the answer when deleting stops for the caller's deadline.
constexpr Duration kAnswerTime = std::chrono::milliseconds(500);

constexpr size_t kBulk = 100;  // ids of one call of API v1

FieldTypes TypesOf(const std::vector<PipedriveField>& fields) {
  FieldTypes types;
  for (const PipedriveField& field : fields) {
    if (field.is_custom) types[field.key] = field.type;
  }
  return types;
}

RecordKind FieldsKind(RecordKind kind) {
  return kind == RecordKind::kLead ? RecordKind::kDeal : kind;
}

absl::Status ForCaller(const absl::Status& status) {
  if (ReactionOf(status) == Reaction::kAmbiguous) {
    return absl::UnavailableError(absl::StrCat(
        "it is not known whether this took effect; look before trying again: ", status.message()));
  }
  const std::string field = FieldOf(status);
  if (!absl::IsInvalidArgument(status) || field.empty()) return status;
  return Annotate(status, field);
}

// One record was refused or is not there; the others may go on.
bool ConcernsOne(const absl::Status& status) {
  const Reaction reaction = ReactionOf(status);
  return absl::IsNotFound(status) || reaction == Reaction::kFailRecord ||
         reaction == Reaction::kGone || reaction == Reaction::kRepair;
}

// Those that were deleted.
absl::StatusOr<std::vector<int64_t>> DeleteSome(pipedrive::RecordsClient& client, RecordKind kind,
                                                const std::vector<int64_t>& ids,
                                                const http::CallContext& context) {
  if (client.deletes_in_bulk()) return client.BulkDelete(kind, ids, context);
  CONNECTOR_RETURN_IF_ERROR(client.DeleteRecord(kind, std::to_string(ids.front()), context));
  return ids;
}

std::string TextOf(const Tree::Members& members, std::string_view name) {
  const Tree* tree = FindMember(members, name);
  const auto* text = tree == nullptr ? nullptr : std::get_if<std::string>(&tree->value);
  return text == nullptr ? "" : *text;
}

// Pipedrive takes first and last name only together, as `name`; what was not given is `before`'s.
void JoinNames(Tree::Members& record, const Tree::Members& before) {
  const auto part = [&](std::string_view name) {
    return TextOf(FindMember(record, name) != nullptr ? record : before, name);
  };
  const std::string first = part("first_name");
  const std::string last = part("last_name");
  const bool named = FindMember(record, "name") != nullptr;
  std::erase_if(record, [](const auto& member) {
    return member.first == "first_name" || member.first == "last_name";
  });
  if (named) return;
  record.emplace_back("name",
                      Tree{absl::StrCat(first, first.empty() || last.empty() ? "" : " ", last)});
}

bool HasHalfAName(const Tree::Members& record) {
  return (FindMember(record, "first_name") == nullptr) !=
             (FindMember(record, "last_name") == nullptr) &&
         FindMember(record, "name") == nullptr;
}

bool HasNames(const Tree::Members& record) {
  return FindMember(record, "first_name") != nullptr || FindMember(record, "last_name") != nullptr;
}

}  // namespace

void Records::Add(std::string connection, Clients clients) {
  accounts_.emplace(std::move(connection), std::unique_ptr<Account>(new Account{clients, {}, {}}));
}

absl::StatusOr<Records::Account*> Records::Find(std::string_view connection) const {
  const auto found =
      connection.empty() && accounts_.size() == 1 ? accounts_.begin() : accounts_.find(connection);
  if (found != accounts_.end()) return found->second.get();
  return absl::NotFoundError(
      absl::StrCat("connection: there is none named \"", ToAbsl(connection), "\""));
}

absl::StatusOr<std::shared_ptr<const Records::Fields>> Records::FieldsOf(
    Account& account, RecordKind kind, Duration most, const http::CallContext& context) const {
  // Activities have no custom fields.
  if (kind == RecordKind::kActivity) return std::make_shared<const Fields>();
  const RecordKind owner = FieldsKind(kind);
  {
    const std::lock_guard lock(account.mutex);
    const auto cached = account.fields.find(owner);
    if (cached != account.fields.end() && clock_.Now() - cached->second.read_at <= most) {
      return cached->second.fields;
    }
  }
  CONNECTOR_ASSIGN_OR_RETURN(Fields read, account.clients.records.ListRecordFields(owner, context));
  const auto fields = std::make_shared<const Fields>(std::move(read));
  const std::lock_guard lock(account.mutex);
  account.fields[owner] = {fields, clock_.Now()};
  return fields;
}

absl::StatusOr<Record> Records::ToRecord(Account& account, RecordKind kind, const Plain& plain,
                                         const http::CallContext& context) const {
  CONNECTOR_ASSIGN_OR_RETURN(auto fields, FieldsOf(account, kind, kFieldsMaxAge, context));
  absl::StatusOr<Record> record = RecordOf(kind, plain, *fields);
  if (record.ok()) return record;
  // It may have been made since the fields were read.
  CONNECTOR_ASSIGN_OR_RETURN(fields, FieldsOf(account, kind, kJustRead, context));
  return RecordOf(kind, plain, *fields);
}

absl::StatusOr<Records::Plain> Records::ToPlain(Account& account, absl::StatusOr<Record> record,
                                                const http::CallContext& context) const {
  if (!record.ok()) return ForCaller(record.status());
  CONNECTOR_ASSIGN_OR_RETURN(const auto fields,
                             FieldsOf(account, record->kind, kFieldsMaxAge, context));
  return PlainRecord(*std::move(record), *fields);
}

absl::StatusOr<Records::PlainPage> Records::List(std::string_view connection,
                                                 const RecordsQuery& query,
                                                 const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(Account* const account, Find(connection));
  CONNECTOR_ASSIGN_OR_RETURN(const auto fields,
                             FieldsOf(*account, query.kind, kFieldsMaxAge, context));
  auto page = account->clients.records.ListRecords(query, TypesOf(*fields), context);
  if (!page.ok()) return ForCaller(page.status());
  PlainPage plain;
  plain.next_cursor = std::move(page->next_cursor);
  for (Record& record : page->records) {
    plain.kinds.push_back(record.kind);
    plain.records.push_back(PlainRecord(std::move(record), *fields));
  }
  return plain;
}

absl::StatusOr<Records::Plain> Records::Get(std::string_view connection, RecordKind kind,
                                            const std::string& id,
                                            const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(Account* const account, Find(connection));
  CONNECTOR_ASSIGN_OR_RETURN(const auto fields, FieldsOf(*account, kind, kFieldsMaxAge, context));
  return ToPlain(*account, account->clients.records.GetRecord(kind, id, TypesOf(*fields), context),
                 context);
}

absl::StatusOr<Records::Plain> Records::Create(std::string_view connection, RecordKind kind,
                                               Plain plain, const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(Account* const account, Find(connection));
  if (kind == RecordKind::kPerson && HasNames(plain)) JoinNames(plain, {});
  CONNECTOR_ASSIGN_OR_RETURN(const Record record, ToRecord(*account, kind, plain, context));
  CONNECTOR_ASSIGN_OR_RETURN(const auto fields, FieldsOf(*account, kind, kFieldsMaxAge, context));
  return ToPlain(*account, account->clients.records.CreateRecord(record, TypesOf(*fields), context),
                 context);
}

absl::StatusOr<Records::Plain> Records::Update(std::string_view connection, RecordKind kind,
                                               const std::string& id, Plain plain,
                                               const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(Account* const account, Find(connection));
  if (kind == RecordKind::kPerson && HasNames(plain)) {
    Plain before;
    if (HasHalfAName(plain)) {
      CONNECTOR_ASSIGN_OR_RETURN(before, Get(connection, kind, id, context));
    }
    JoinNames(plain, before);
  }
  CONNECTOR_ASSIGN_OR_RETURN(const Record record, ToRecord(*account, kind, plain, context));
  CONNECTOR_ASSIGN_OR_RETURN(const auto fields, FieldsOf(*account, kind, kFieldsMaxAge, context));
  return ToPlain(*account,
                 account->clients.records.UpdateRecord(id, record, TypesOf(*fields), context),
                 context);
}

absl::Status Records::Delete(std::string_view connection, RecordKind kind, const std::string& id,
                             const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(Account* const account, Find(connection));
  return ForCaller(account->clients.records.DeleteRecord(kind, id, context));
}

absl::StatusOr<Records::Deleted> Records::BulkDelete(std::string_view connection, RecordKind kind,
                                                     const std::vector<int64_t>& ids,
                                                     const http::CallContext& caller_context) {
  CONNECTOR_ASSIGN_OR_RETURN(Account* const account, Find(connection));
  pipedrive::RecordsClient& client = account->clients.records;
  http::CallContext context = caller_context;
  context.deadline = caller_context.deadline - kAnswerTime;
  const size_t portion = client.deletes_in_bulk() ? kBulk : 1;
  Deleted outcome;
  absl::Status stopped;
  for (size_t at = 0; at < ids.size(); at += portion) {
    const auto first = ids.begin() + static_cast<ptrdiff_t>(at);
    const auto last = ids.begin() + static_cast<ptrdiff_t>(std::min(at + portion, ids.size()));
    const std::vector<int64_t> some(first, last);
    if (stopped.ok() && clock_.Now() >= context.deadline) {
      stopped = absl::DeadlineExceededError("the deadline is near");
    }
    const absl::StatusOr<std::vector<int64_t>> deleted =
        stopped.ok() ? DeleteSome(client, kind, some, context)
                     : absl::StatusOr<std::vector<int64_t>>(stopped);
    if (!deleted.ok() && !ConcernsOne(deleted.status())) stopped = deleted.status();
    for (const int64_t id : some) {
      const bool gone =
          deleted.ok() && std::find(deleted->begin(), deleted->end(), id) != deleted->end();
      (gone ? outcome.deleted : outcome.remaining).push_back(id);
    }
  }
  // What was done must be told; if nothing was, the reason is worth more.
  if (outcome.deleted.empty() && !stopped.ok()) return ForCaller(stopped);
  return outcome;
}

absl::StatusOr<Records::Plain> Records::Merge(std::string_view connection, int64_t from,
                                              int64_t into, const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(Account* const account, Find(connection));
  const auto merged = account->clients.persons.MergePersons(from, into, context);
  if (!merged.ok()) return ForCaller(merged.status());
  return Get(connection, RecordKind::kPerson, std::to_string(*merged), context);
}

absl::StatusOr<Records::PlainPage> Records::ListRecents(std::string_view connection,
                                                        const RecentsQuery& query,
                                                        const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(Account* const account, Find(connection));
  std::map<RecordKind, std::shared_ptr<const Fields>> fields;
  std::map<RecordKind, FieldTypes> types;
  for (const RecordKind kind : query.kinds) {
    CONNECTOR_ASSIGN_OR_RETURN(fields[kind], FieldsOf(*account, kind, kFieldsMaxAge, context));
    types[kind] = TypesOf(*fields[kind]);
  }
  auto page = account->clients.records.ListRecents(query, types, context);
  if (!page.ok()) return ForCaller(page.status());
  PlainPage plain;
  plain.next_cursor = std::move(page->next_cursor);
  for (Record& record : page->records) {
    const auto own = fields.find(record.kind);
    if (own == fields.end()) continue;
    plain.kinds.push_back(record.kind);
    plain.records.push_back(PlainRecord(std::move(record), *own->second));
  }
  return plain;
}

absl::StatusOr<std::vector<Pipeline>> Records::ListPipelines(std::string_view connection,
                                                             const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(Account* const account, Find(connection));
  return account->clients.reads.ListPipelines(context);
}

absl::StatusOr<std::vector<Stage>> Records::ListStages(std::string_view connection,
                                                       const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(Account* const account, Find(connection));
  return account->clients.reads.ListStages(context);
}

absl::StatusOr<std::vector<PipedriveField>> Records::ListFields(std::string_view connection,
                                                                RecordKind kind,
                                                                const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(Account* const account, Find(connection));
  return account->clients.records.ListRecordFields(kind, context);
}

}  // namespace connector::sync
