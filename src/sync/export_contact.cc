#include "sync/export_contact.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "sync/explain.h"

namespace connector::sync {
namespace {

// Of one person; nobody has more failures that are kept.
constexpr int kMostFailures = 1000;
// Pages of 500 deals of one person.
constexpr int kMostDealPages = 20;
constexpr int kDealsPerPage = 500;

Tree Number(int64_t number) { return Tree(static_cast<double>(number)); }
Tree When(const std::optional<Time>& time) { return time ? Tree(FormatTimestamp(*time)) : Tree(); }
Tree Numbers(const std::vector<int64_t>& numbers) {
  Tree::List list;
  for (const int64_t number : numbers) list.push_back(Number(number));
  return Tree(std::move(list));
}

Tree TreeOf(const Value& value) {
  struct Visitor {
    Tree operator()(std::monostate /*empty*/) const { return {}; }
    Tree operator()(bool flag) const { return Tree(flag); }
    Tree operator()(double number) const { return Tree(number); }
    Tree operator()(const std::string& text) const { return Tree(text); }
    Tree operator()(const std::vector<std::string>& labels) const {
      Tree::List list;
      for (const std::string& label : labels) list.push_back(Tree(label));
      return Tree(std::move(list));
    }
  };
  return std::visit(Visitor{}, value);
}

Tree TreeOf(const CustomValue& value) {
  struct Visitor {
    Tree operator()(std::monostate /*empty*/) const { return {}; }
    Tree operator()(const std::string& text) const { return Tree(text); }
    Tree operator()(double number) const { return Tree(number); }
    Tree operator()(const OptionIds& options) const { return Numbers(options.ids); }
    Tree operator()(const Monetary& money) const {
      return Tree(
          Tree::Members{{"amount", Tree(money.amount)}, {"currency", Tree(money.currency)}});
    }
    Tree operator()(const ValueRange& range) const {
      return Tree(Tree::Members{{"from", Tree(range.from)}, {"until", Tree(range.until)}});
    }
    Tree operator()(const RecordRef& record) const { return Number(record.id); }
  };
  return std::visit(Visitor{}, value);
}

void AddText(Tree::Members& out, const char* name, const std::optional<std::string>& text) {
  if (text) out.emplace_back(name, Tree(*text));
}

Tree TreeOf(const std::vector<ContactPoint>& points) {
  Tree::List list;
  for (const ContactPoint& point : points) {
    list.push_back(Tree(Tree::Members{{"value", Tree(point.value)},
                                      {"label", Tree(point.label)},
                                      {"primary", Tree(point.primary)}}));
  }
  return Tree(std::move(list));
}

Tree TreeOf(const Person& person) {
  Tree::Members out{{"id", Number(person.id)}};
  AddText(out, "name", person.name);
  AddText(out, "first_name", person.first_name);
  AddText(out, "last_name", person.last_name);
  out.emplace_back("emails", TreeOf(person.emails));
  out.emplace_back("phones", TreeOf(person.phones));
  if (person.org_id) out.emplace_back("org_id", Number(*person.org_id));
  if (person.owner_id) out.emplace_back("owner_id", Number(*person.owner_id));
  AddText(out, "marketing_status", person.marketing_status);
  Tree::Members custom;
  for (const auto& [key, value] : person.custom_fields) custom.emplace_back(key, TreeOf(value));
  out.emplace_back("custom_fields", Tree(std::move(custom)));
  out.emplace_back("update_time", When(person.update_time));
  out.emplace_back("is_deleted", Tree(person.is_deleted));
  return Tree(std::move(out));
}

Tree TreeOf(const FieldState& field) {
  Tree::Members out{{"attribute", Tree(field.attribute)}, {"seen", TreeOf(field.seen)}};
  if (field.base) out.emplace_back("base", TreeOf(*field.base));
  if (field.unconfirmed) out.emplace_back("unconfirmed", TreeOf(*field.unconfirmed));
  if (field.refused) out.emplace_back("refused", TreeOf(*field.refused));
  return Tree(std::move(out));
}

Tree TreeOf(const ContactState& state) {
  Tree::List fields;
  for (const FieldState& field : state.fields) fields.push_back(TreeOf(field));
  return Tree(Tree::Members{{"email", Tree(state.email)},
                            {"brevo_id", Number(state.brevo_id)},
                            {"ext_id", Tree(state.ext_id)},
                            {"email_blacklisted", Tree(state.email_blacklisted)},
                            {"sms_blacklisted", Tree(state.sms_blacklisted)},
                            {"lists", Numbers(state.lists)},
                            {"lists_put", Numbers(state.lists_put)},
                            {"lists_left", Numbers(state.lists_left)},
                            {"brevo_seen_at", When(state.brevo_modified_at)},
                            {"written_at", When(state.written_at)},
                            {"fields", Tree(std::move(fields))}});
}

Tree TreeOf(const store::ContactBundle& bundle, const DealFacts& facts, size_t person) {
  return Tree(Tree::Members{{"person_id", Number(bundle.persons.at(person).id)},
                            {"open", Number(facts.open)},
                            {"won", Number(facts.won)},
                            {"lost", Number(facts.lost)}});
}

Tree TreeOf(const Failure& failure) {
  return Tree(Tree::Members{{"reason", Tree(std::string(FailureReasonName(failure.reason)))},
                            {"field", Tree(failure.field)},
                            {"detail", Tree(failure.detail)},
                            {"failed_at", When(failure.created_at)}});
}

// By Brevo's names.
Tree::Members MembersOf(const Contact& contact) {
  Tree::Members attributes;
  if (!contact.ext_id.empty()) attributes.emplace_back("EXT_ID", Tree(contact.ext_id));
  for (const auto& [name, value] : contact.attributes) attributes.emplace_back(name, TreeOf(value));
  return {{"id", Number(contact.id)},
          {"email", Tree(contact.email)},
          {"emailBlacklisted", Tree(contact.email_blacklisted)},
          {"smsBlacklisted", Tree(contact.sms_blacklisted)},
          {"modifiedAt", When(contact.modified_at)},
          {"listIds", Numbers(contact.list_ids)},
          {"listUnsubscribed", Numbers(contact.list_unsubscribed)},
          {"attributes", Tree(std::move(attributes))}};
}

class Exporter {
 public:
  Exporter(const Accounts& accounts, Records& records, const http::CallContext& context)
      : accounts_(accounts), records_(records), context_(context) {}

  absl::StatusOr<ContactExport> Run(const ContactKey& key) {
    if (const auto* by = std::get_if<EmailKey>(&key)) email_ = AsciiLower(by->email);
    if (const auto* by = std::get_if<PersonKey>(&key)) persons_.insert(by->id);
    if (const auto* by = std::get_if<BrevoKey>(&key)) brevo_id_ = by->id;
    CONNECTOR_RETURN_IF_ERROR(AddStored(key));
    CONNECTOR_RETURN_IF_ERROR(AddErasure());
    CONNECTOR_RETURN_IF_ERROR(Search());
    CONNECTOR_RETURN_IF_ERROR(AddPipedrive());
    CONNECTOR_RETURN_IF_ERROR(AddBrevo());
    if (out_.store.empty() && !out_.pipedrive && !out_.brevo) {
      return absl::NotFoundError(
          absl::StrCat(Describe(key), " is known neither here nor in Pipedrive nor in Brevo"));
    }
    out_.at = accounts_.clock.Now();
    return std::move(out_);
  }

 private:
  const std::string& connection() const { return accounts_.settings.connection; }

  absl::Status AddStored(const ContactKey& key) {
    absl::StatusOr<FoundContact> found = FindContact(accounts_, key);
    if (absl::IsNotFound(found.status())) return absl::OkStatus();
    if (!found.ok()) return found.status();
    const store::ContactBundle& bundle = found->bundle;
    Tree::List persons;
    for (const Person& person : bundle.persons) {
      persons_.insert(person.id);
      persons.push_back(TreeOf(person));
    }
    if (found->person && persons.empty()) persons.push_back(TreeOf(found->person->person));
    persons_.insert(bundle.gone_persons.begin(), bundle.gone_persons.end());
    out_.store.emplace_back("persons", Tree(std::move(persons)));
    if (bundle.state.key != 0) AddContact(bundle);
    return AddPending(bundle.state);
  }

  void AddContact(const store::ContactBundle& bundle) {
    brevo_id_ = bundle.state.brevo_id;
    ext_id_ = bundle.state.ext_id;
    if (!bundle.state.email.empty()) email_ = AsciiLower(bundle.state.email);
    out_.store.emplace_back("contact", TreeOf(bundle.state));
    Tree::List deals;
    for (size_t i = 0; i < bundle.deals.size() && i < bundle.persons.size(); ++i) {
      deals.push_back(TreeOf(bundle, bundle.deals[i], i));
    }
    out_.store.emplace_back("deals", Tree(std::move(deals)));
  }

  absl::Status AddPending(const ContactState& state) {
    const std::vector<int64_t> persons(persons_.begin(), persons_.end());
    CONNECTOR_ASSIGN_OR_RETURN(const store::PendingWork pending,
                               accounts_.store.PendingWorkOf(connection(), state.key, persons));
    out_.store.emplace_back("waiting",
                            Tree(Tree::Members{{"changed", Tree(pending.dirty)},
                                               {"import_rows", Number(pending.import_rows)},
                                               {"events_in", Number(pending.inbox_events)},
                                               {"events_out", Number(pending.outbox_events)}}));
    std::vector<std::string> names;
    for (const int64_t id : persons) names.push_back(absl::StrCat(id));
    for (const std::string& email : {email_, state.email}) {
      if (!email.empty()) names.push_back(email);
    }
    CONNECTOR_ASSIGN_OR_RETURN(const std::vector<Failure> failures,
                               accounts_.store.FailuresOf(connection(), names, kMostFailures));
    Tree::List list;
    for (const Failure& failure : failures) list.push_back(TreeOf(failure));
    out_.store.emplace_back("failures", Tree(std::move(list)));
    return absl::OkStatus();
  }

  absl::Status AddErasure() {
    std::vector<std::string> identifiers;
    if (!email_.empty()) identifiers.push_back(email_);
    if (!persons_.empty()) {
      const absl::StatusOr<Planning> planning = StoredPlanning(accounts_);
      for (const int64_t id : persons_) {
        if (planning.ok()) identifiers.push_back(planning->ExtIdOf(id));
      }
    }
    for (const std::string& identifier : identifiers) {
      CONNECTOR_ASSIGN_OR_RETURN(const std::optional<store::Erasure> erasure,
                                 accounts_.store.FindErasure(connection(), identifier));
      if (!erasure) continue;
      out_.store.emplace_back("erasure",
                              Tree(Tree::Members{{"audit_id", Tree(erasure->id)},
                                                 {"requested_at", When(erasure->requested_at)},
                                                 {"finished_at", When(erasure->finished_at)}}));
      return absl::OkStatus();
    }
    return absl::OkStatus();
  }

  // Persons with the address that nobody synced.
  absl::Status Search() {
    if (email_.empty()) return absl::OkStatus();
    SearchQuery query;
    query.term = email_;
    query.types = {SearchItemType::kPerson};
    query.fields = {"email"};
    query.exact_match = true;
    CONNECTOR_ASSIGN_OR_RETURN(const SearchPage page, accounts_.pipedrive.Search(query, context_));
    for (const FoundItem& item : page.items) {
      int64_t id = 0;
      if (absl::SimpleAtoi(item.id, &id)) persons_.insert(id);
    }
    return absl::OkStatus();
  }

  absl::Status AddPipedrive() {
    Tree::List persons;
    Tree::List deals;
    for (const int64_t id : persons_) {
      absl::StatusOr<Records::Plain> person =
          records_.Get(connection(), RecordKind::kPerson, absl::StrCat(id), context_);
      if (absl::IsNotFound(person.status())) continue;
      if (!person.ok()) return person.status();
      persons.push_back(Tree(*std::move(person)));
      CONNECTOR_RETURN_IF_ERROR(AddDeals(id, deals));
    }
    if (persons.empty()) return absl::OkStatus();
    out_.pipedrive.emplace();
    out_.pipedrive->emplace_back("persons", Tree(std::move(persons)));
    out_.pipedrive->emplace_back("deals", Tree(std::move(deals)));
    return absl::OkStatus();
  }

  absl::Status AddDeals(int64_t person, Tree::List& deals) {
    RecordsQuery query;
    query.kind = RecordKind::kDeal;
    query.page_size = kDealsPerPage;
    query.filters = {{"person_id", absl::StrCat(person)}};
    for (int page = 0; page < kMostDealPages; ++page) {
      CONNECTOR_ASSIGN_OR_RETURN(Records::PlainPage found,
                                 records_.List(connection(), query, context_));
      for (Records::Plain& deal : found.records) deals.push_back(Tree(std::move(deal)));
      if (found.next_cursor.empty()) return absl::OkStatus();
      query.cursor = std::move(found.next_cursor);
    }
    return absl::OkStatus();
  }

  absl::Status AddBrevo() {
    using Type = brevo::ContactId::Type;
    std::vector<brevo::ContactId> ids;
    if (brevo_id_ != 0) ids.push_back({Type::kBrevoId, absl::StrCat(brevo_id_)});
    if (!email_.empty()) ids.push_back({Type::kEmail, email_});
    if (email_.empty() && !ext_id_.empty()) ids.push_back({Type::kExtId, ext_id_});
    for (const brevo::ContactId& id : ids) {
      const absl::StatusOr<Contact> contact = accounts_.brevo.GetContact(id, context_);
      if (absl::IsNotFound(contact.status())) continue;
      if (!contact.ok()) return contact.status();
      out_.brevo = MembersOf(*contact);
      return absl::OkStatus();
    }
    return absl::OkStatus();
  }

  const Accounts& accounts_;
  Records& records_;
  const http::CallContext& context_;
  std::string email_;
  std::string ext_id_;
  int64_t brevo_id_ = 0;
  std::set<int64_t> persons_;
  ContactExport out_;
};

}  // namespace

absl::StatusOr<ContactExport> ExportContact(const Accounts& accounts, Records& records,
                                            const ContactKey& key,
                                            const http::CallContext& context) {
  return Exporter(accounts, records, context).Run(key);
}

}  // namespace connector::sync
