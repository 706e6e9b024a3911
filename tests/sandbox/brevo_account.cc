#include "brevo_account.h"

#include <algorithm>

#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

bool Has(const std::vector<int64_t>& sorted, int64_t value) {
  return std::binary_search(sorted.begin(), sorted.end(), value);
}

bool Insert(std::vector<int64_t>& sorted, int64_t value) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), value);
  if (at != sorted.end() && *at == value) return false;
  sorted.insert(at, value);
  return true;
}

bool Erase(std::vector<int64_t>& sorted, int64_t value) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), value);
  if (at == sorted.end() || *at != value) return false;
  sorted.erase(at);
  return true;
}

bool IsPhone(const std::string& name) {
  return name == "SMS" || name == "WHATSAPP" || name == "LANDLINE_NUMBER";
}

// The id of an option given by id or label; -1 if there is none.
int64_t OptionOf(const BrevoAttribute& attribute, const json& value) {
  for (const auto& [id, label] : attribute.enumeration) {
    if (value == id || value == label || value == std::to_string(id)) return id;
  }
  return -1;
}

bool AreOptions(const BrevoAttribute& attribute, const json& value) {
  if (!value.is_array()) return false;
  return std::all_of(value.begin(), value.end(), [&](const json& item) {
    return item.is_string() && std::find(attribute.options.begin(), attribute.options.end(),
                                         item.get<std::string>()) != attribute.options.end();
  });
}

}  // namespace

BrevoAccount::BrevoAccount(const Options& options, const Clock& clock, Stats& stats)
    : options_(options), clock_(clock), stats_(stats) {
  folders = {{1, "Marketing"}, {2, "Archive"}};
  lists = {{60, {"All contacts", 1, 0}},
           {61, {"Qualified leads", 1, 0}},
           {62, {"Customers", 1, 0}},
           {63, {"Churned / won", 1, 0}},
           {64, {"Lost", 1, 0}}};
  for (const char* name : {"FIRSTNAME", "LASTNAME", "FULLNAME", "COMPANY", "SMS", "EXT_ID",
                           "WHATSAPP", "LANDLINE_NUMBER", "LEAD_SOURCE", "COMPANY_SIZE"}) {
    attributes[name] = {"normal", "text", {}, {}};
  }
  for (const char* name : {"WON_DEALS", "LOST_DEALS", "OPEN_DEALS", "CLOSED_DEALS", "LTV"}) {
    attributes[name] = {"normal", "float", {}, {}};
  }
  attributes["INDUSTRY"] = {"normal", "text", {}, {}};
  if (options.industry_category) {
    attributes["INDUSTRY"] = {"category",
                              "category",
                              {{1, "Manufacturing"}, {2, "IT & Software"}, {3, "Healthcare"}},
                              {}};
  }
  attributes["DOUBLE_OPT-IN"] = {"category", "category", {{1, "Yes"}, {2, "No"}}, {}};
  for (const std::string& name : options.dropped_attributes) attributes.erase(name);
}

BrevoContact* BrevoAccount::FindById(int64_t id) {
  if (id < 1 || id > static_cast<int64_t>(contacts.size())) return nullptr;
  BrevoContact& contact = contacts[static_cast<size_t>(id - 1)];
  return contact.deleted ? nullptr : &contact;
}

BrevoContact* BrevoAccount::FindByEmail(const std::string& email) {
  const auto it = by_email_.find(Lower(email));
  return it == by_email_.end() ? nullptr : FindById(it->second);
}

BrevoContact* BrevoAccount::FindByUnique(const std::string& kind, const std::string& value) {
  const auto& index = by_unique_[kind];
  const auto it = index.find(value);
  return it == index.end() ? nullptr : FindById(it->second);
}

std::string BrevoAccount::SyntheticEmail(const std::string& digits) {
  return digits + "@mailin-sms.com";
}

bool BrevoAccount::CleanOne(const std::string& name, const json& value, json& out,
                            bool drop_bad_phone, std::string* bad_phone) {
  const auto it = attributes.find(name);
  if (it == attributes.end()) return false;
  if (value == "") {
    out = "";
    return true;
  }
  const BrevoAttribute& attribute = it->second;
  if (IsPhone(name)) {
    const auto digits =
        value.is_string() ? NormalizePhone(value.get<std::string>()) : std::optional<std::string>();
    if (!digits) {
      if (!drop_bad_phone && bad_phone != nullptr) *bad_phone = name;
      return false;
    }
    out = *digits;
    return true;
  }
  out = value;
  if (attribute.type == "float") return value.is_number();
  if (attribute.type == "boolean") return value.is_boolean();
  if (attribute.type == "date") {
    return value.is_string() && IsCalendarDate(value.get<std::string>());
  }
  if (attribute.type == "multiple-choice") return AreOptions(attribute, value);
  if (attribute.type == "category") {
    out = OptionOf(attribute, value);
    return out != -1;
  }
  return value.is_string();
}

json BrevoAccount::Clean(const json& given, bool drop_bad_phone, std::string* bad_phone) {
  json out = json::object();
  if (!given.is_object()) return out;
  for (const auto& [name, value] : given.items()) {
    json clean;
    if (CleanOne(name, value, clean, drop_bad_phone, bad_phone)) out[name] = std::move(clean);
  }
  return out;
}

std::vector<std::string> BrevoAccount::Conflicts(const json& clean, const BrevoContact* self) {
  std::vector<std::string> out;
  for (const char* kind : kUniqueAttributes) {
    if (!clean.contains(kind) || !clean[kind].is_string() || clean[kind] == "") continue;
    const BrevoContact* owner = FindByUnique(kind, clean[kind]);
    if (owner != nullptr && owner != self) out.emplace_back(kind);
  }
  return out;
}

BrevoContact& BrevoAccount::Create(const std::string& email) {
  BrevoContact& contact = contacts.emplace_back();
  contact.id = static_cast<int64_t>(contacts.size());
  contact.email = email;
  contact.created_ms = contact.modified_ms = clock_.NowMillis();
  if (!email.empty()) by_email_[Lower(email)] = contact.id;
  ++living;
  return contact;
}

// The changed attributes with their new values, as webhooks tell them.
json BrevoAccount::MergeAttributes(BrevoContact& contact, const ContactWrite& write) {
  json changed = json::object();
  if (write.attributes.empty()) return changed;
  json now = json::parse(contact.attributes);
  for (const auto& [name, value] : write.attributes.items()) {
    const bool empty = value == "";
    if (empty && !write.erase_empty) continue;
    if (empty ? !now.contains(name) : (now.contains(name) && now[name] == value)) continue;
    const bool unique = std::find(std::begin(kUniqueAttributes), std::end(kUniqueAttributes),
                                  name) != std::end(kUniqueAttributes);
    if (unique && now.contains(name)) by_unique_[name].erase(now[name].get<std::string>());
    if (empty) {
      now.erase(name);
    } else {
      now[name] = value;
      if (unique) by_unique_[name][value.get<std::string>()] = contact.id;
    }
    changed[name] = value;
  }
  if (!changed.empty()) contact.attributes = now.dump();
  return changed;
}

// A changed address takes the blocklisting off, unless the same write says otherwise
// (facts/brevo.md 1.3, the compliance trap).
void BrevoAccount::Rename(BrevoContact& contact, const ContactWrite& write) {
  const std::string& email = *write.email;
  if (Lower(email) != Lower(contact.email) && contact.email_blacklisted &&
      write.email_blacklisted != true) {
    contact.email_blacklisted = false;
    ++stats_.unblocklisted_by_api;
  }
  if (!contact.email.empty()) by_email_.erase(Lower(contact.email));
  contact.email = email;
  by_email_[Lower(email)] = contact.id;
}

void BrevoAccount::Apply(BrevoContact& contact, const ContactWrite& write, bool created) {
  json content = json::object();
  const json changed = MergeAttributes(contact, write);
  if (!changed.empty()) content["attributes"] = changed;
  if (write.email && *write.email != contact.email) {
    Rename(contact, write);
    content["attributes"]["EMAIL"] = *write.email;
  }
  if (contact.email.empty() && changed.contains("SMS") && changed["SMS"] != "") {
    contact.email = SyntheticEmail(changed["SMS"]);
    by_email_[contact.email] = contact.id;
  }
  if (write.email_blacklisted && *write.email_blacklisted != contact.email_blacklisted) {
    if (contact.email_blacklisted && !created) ++stats_.unblocklisted_by_api;
    contact.email_blacklisted = *write.email_blacklisted;
    content["emailBlacklist"] = contact.email_blacklisted;
  }
  if (write.sms_blacklisted && *write.sms_blacklisted != contact.sms_blacklisted) {
    contact.sms_blacklisted = *write.sms_blacklisted;
    content["smsBlacklist"] = contact.sms_blacklisted;
  }
  std::vector<int64_t> joined;
  for (const int64_t list : write.join) {
    if (Erase(contact.unsubscribed, list)) ++stats_.resubscribed_by_api;
    if (Insert(contact.lists, list)) joined.push_back(list);
  }
  bool left = false;
  for (const int64_t list : write.leave) left = Erase(contact.lists, list) || left;
  if (content.empty() && joined.empty() && !left && !created) return;
  contact.modified_ms = clock_.NowMillis();
  if (!content.empty() && !created) {
    Announce({"contact_updated", contact.email, content, {}, write.api_key_name});
  }
  if (!joined.empty()) {
    Announce({"list_addition", contact.email, {}, joined, write.api_key_name});
  }
}

void BrevoAccount::Delete(BrevoContact& contact, const std::string& api_key_name) {
  const json attributes_now = json::parse(contact.attributes);
  for (const char* kind : kUniqueAttributes) {
    if (attributes_now.contains(kind)) {
      by_unique_[kind].erase(attributes_now[kind].get<std::string>());
    }
  }
  by_email_.erase(Lower(contact.email));
  contact.deleted = true;
  contact.attributes = "{}";
  --living;
  Announce({"contact_deleted", contact.email, {}, {}, api_key_name});
}

void BrevoAccount::Unsubscribe(BrevoContact& contact, int64_t list) {
  if (!Has(contact.lists, list) && Has(contact.unsubscribed, list)) return;
  Erase(contact.lists, list);
  Insert(contact.unsubscribed, list);
  contact.modified_ms = clock_.NowMillis();
  Announce({"unsubscribe", contact.email, {}, {list}, ""});
}

void BrevoAccount::Block(BrevoContact& contact, const std::string& event) {
  contact.email_blacklisted = true;
  contact.modified_ms = clock_.NowMillis();
  Announce({event, contact.email, {}, {}, ""});
}

void BrevoAccount::Announce(const BrevoChange& change) {
  if (on_change) on_change(change);
}

}  // namespace sandbox
