// Brevo: /contacts, one at a time and in pages.
#include <algorithm>
#include <set>

#include "brevo_json.h"
#include "replies.h"
#include "routes.h"
#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

constexpr int64_t kMaxPage = 1000;
constexpr size_t kMaxIds = 20;

Reply Duplicate(const std::string& verb, const std::vector<std::string>& identifiers) {
  std::string names;
  for (const std::string& name : identifiers) names += (names.empty() ? "" : " or ") + name;
  const std::string are = identifiers.size() > 1 ? " are" : " is";
  return JsonReply(400, {{"code", "duplicate_parameter"},
                         {"message", "Unable to " + verb + " contact, " + names + are +
                                         " already associated with another Contact"},
                         {"metadata", {{"duplicate_identifiers", identifiers}}}});
}

// Fields of a body beyond the known ones, or of the wrong type.
std::string CheckBody(const json& body, bool create) {
  if (!body.is_object()) return "Input must be a valid JSON object";
  const std::set<std::string> flags = {"emailBlacklisted", "smsBlacklisted", "updateEnabled",
                                       "forceMerge", "getId"};
  const std::set<std::string> lists = {"listIds", "unlinkListIds"};
  for (const auto& [name, value] : body.items()) {
    if (flags.count(name) > 0) {
      if (!value.is_boolean()) return name + " should be boolean";
    } else if (lists.count(name) > 0) {
      if (!value.is_array()) return name + " should be an array";
      for (const json& id : value) {
        if (!id.is_number_integer()) return name + " should contain integers";
      }
    } else if (name == "attributes") {
      if (!value.is_object()) return "attributes should be an object";
    } else if (name == "ext_id" || (name == "email" && create)) {
      if (!value.is_string()) return name + " should be a string";
    } else if (name != "smtpBlacklistSender" && name != "consentGroupIds") {
      return "Unknown parameter " + name;
    }
  }
  return "";
}

std::string UnknownList(const BrevoAccount& account, const json& body) {
  for (const char* name : {"listIds", "unlinkListIds"}) {
    for (const json& id : body.value(name, json::array())) {
      if (account.lists.count(id.get<int64_t>()) == 0) return "List ID does not exist";
    }
  }
  return "";
}

ContactWrite WriteOf(const BrevoAccount& account, const json& body) {
  ContactWrite write;
  write.join = body.value("listIds", std::vector<int64_t>());
  write.leave = body.value("unlinkListIds", std::vector<int64_t>());
  if (body.contains("emailBlacklisted")) write.email_blacklisted = body["emailBlacklisted"];
  if (body.contains("smsBlacklisted")) write.sms_blacklisted = body["smsBlacklisted"];
  write.api_key_name = account.options().api_key_name;
  return write;
}

json AttributesOf(const json& body) {
  json attributes = body.value("attributes", json::object());
  if (body.contains("ext_id")) attributes["EXT_ID"] = body["ext_id"];
  return attributes;
}

// forceMerge: the most recently modified one stays, the others are deleted.
BrevoContact& MergeAll(BrevoAccount& account, BrevoContact& self,
                       const std::vector<std::string>& conflicts, const json& clean) {
  BrevoContact* survivor = &self;
  std::vector<BrevoContact*> others = {&self};
  for (const std::string& kind : conflicts) {
    BrevoContact* other = account.FindByUnique(kind, clean[kind]);
    if (std::find(others.begin(), others.end(), other) != others.end()) continue;
    others.push_back(other);
    if (other->modified_ms > survivor->modified_ms) survivor = other;
  }
  for (BrevoContact* contact : others) {
    if (contact != survivor) account.Delete(*contact, account.options().api_key_name);
  }
  return *survivor;
}

Reply CreateNew(BrevoAccount& account, const std::string& email, ContactWrite write) {
  BrevoContact& contact = account.Create(email);
  account.Apply(contact, write, true);
  return JsonReply(201, {{"id", contact.id}});
}

Reply Upsert(BrevoAccount& account, const json& body, BrevoContact* found, const std::string& email,
             const json& clean) {
  ContactWrite write = WriteOf(account, body);
  write.attributes = clean;
  const std::vector<std::string> conflicts = account.Conflicts(clean, found);
  if (!conflicts.empty()) {
    if (!body.value("forceMerge", false)) {
      return Duplicate(found == nullptr ? "create" : "update", conflicts);
    }
    if (found == nullptr) found = account.FindByUnique(conflicts.front(), clean[conflicts.front()]);
    found = &MergeAll(account, *found, conflicts, clean);
    if (!email.empty()) write.email = email;
  }
  if (found == nullptr) return CreateNew(account, email, write);
  account.Apply(*found, write, false);
  if (body.value("getId", false)) return JsonReply(200, {{"id", found->id}});
  return NoContent();
}

Reply Post(BrevoAccount& account, const Call& call) {
  const json body = json::parse(call.request.body);
  std::string wrong = CheckBody(body, true);
  if (wrong.empty()) wrong = UnknownList(account, body);
  if (!wrong.empty()) return BrevoInvalid(wrong);
  const std::string email = body.value("email", "");
  const json given = AttributesOf(body);
  if (email.empty() && !given.contains("EXT_ID") && !given.contains("SMS")) {
    return BrevoFail(400, "missing_parameter", "email is missing");
  }
  if (!email.empty() && !IsValidEmail(email)) return BrevoInvalid("Invalid email address");
  std::string bad_phone;
  const json clean = account.Clean(given, false, &bad_phone);
  if (!bad_phone.empty()) return BrevoInvalid("Invalid phone number");
  BrevoContact* found = email.empty() ? nullptr : account.FindByEmail(email);
  for (const char* kind : kUniqueAttributes) {
    if (found == nullptr && email.empty() && clean.contains(kind)) {
      found = account.FindByUnique(kind, clean[kind]);
    }
  }
  if (found != nullptr && !body.value("updateEnabled", false)) {
    if (!email.empty()) return Duplicate("create", {"email"});
    return Duplicate("create", account.Conflicts(clean, nullptr));
  }
  return Upsert(account, body, found, email, clean);
}

BrevoContact* Resolve(BrevoAccount& account, const Call& call, std::string& wrong) {
  const std::string& text = call.params.at("identifier");
  const std::string type = call.Query("identifierType").value_or("");
  const auto phone = NormalizePhone(text).value_or(text);
  if (type == "contact_id") return account.FindById(ParseInteger(text).value_or(0));
  if (type == "email_id") return account.FindByEmail(text);
  if (type == "ext_id") return account.FindByUnique("EXT_ID", text);
  if (type == "phone_id") return account.FindByUnique("SMS", phone);
  if (type == "whatsapp_id") return account.FindByUnique("WHATSAPP", phone);
  if (type == "landline_number_id") return account.FindByUnique("LANDLINE_NUMBER", phone);
  if (!type.empty()) {
    wrong = "Invalid identifierType";
    return nullptr;
  }
  // Without a type: e-mail or id, and on reading also the phone.
  if (Contains(text, "@")) return account.FindByEmail(text);
  const auto id = ParseInteger(text);
  if (!id) {
    wrong = "Invalid email address";
    return nullptr;
  }
  BrevoContact* contact = account.FindById(*id);
  if (contact == nullptr && call.request.method == "GET") {
    contact = account.FindByUnique("SMS", phone);
  }
  return contact;
}

Reply Missing(const std::string& wrong) {
  return wrong.empty() ? BrevoNotFound("Contact does not exist") : BrevoInvalid(wrong);
}

Reply Put(BrevoAccount& account, const Call& call) {
  std::string wrong;
  BrevoContact* contact = Resolve(account, call, wrong);
  if (contact == nullptr) return Missing(wrong);
  const json body = json::parse(call.request.body);
  wrong = CheckBody(body, false);
  if (wrong.empty()) wrong = UnknownList(account, body);
  if (!wrong.empty()) return BrevoInvalid(wrong);
  json given = AttributesOf(body);
  ContactWrite write = WriteOf(account, body);
  if (given.contains("EMAIL")) {
    const json email = given["EMAIL"];
    given.erase("EMAIL");
    if (!email.is_string() || !IsValidEmail(email.get<std::string>())) {
      return BrevoInvalid("Invalid email address");
    }
    write.email = email.get<std::string>();
    const BrevoContact* owner = account.FindByEmail(*write.email);
    if (owner != nullptr && owner != contact) return Duplicate("update", {"email"});
  }
  std::string bad_phone;
  write.attributes = account.Clean(given, false, &bad_phone);
  if (!bad_phone.empty()) return BrevoInvalid("Invalid phone number");
  if (write.attributes.contains("SMS") && write.attributes["SMS"] == "" &&
      contact->email.ends_with("@mailin-sms.com")) {
    return BrevoInvalid("SMS cannot be unset without a valid email");
  }
  const std::vector<std::string> conflicts = account.Conflicts(write.attributes, contact);
  if (!conflicts.empty()) {
    if (!body.value("forceMerge", false)) return Duplicate("update", conflicts);
    contact = &MergeAll(account, *contact, conflicts, write.attributes);
  }
  account.Apply(*contact, write, false);
  return NoContent();
}

Reply Get(BrevoAccount& account, const Call& call) {
  std::string wrong;
  const BrevoContact* contact = Resolve(account, call, wrong);
  if (contact == nullptr) return Missing(wrong);
  Reply reply;
  AppendContact(reply.body, *contact);
  reply.body.pop_back();
  reply.body += R"(,"statistics":{"messagesSent":[],"opened":[],"clicked":[],"unsubscriptions":)"
                R"({"userUnsubscription":[],"adminUnsubscription":[]}}})";
  return reply;
}

Reply Delete(BrevoAccount& account, const Call& call) {
  std::string wrong;
  BrevoContact* contact = Resolve(account, call, wrong);
  if (contact == nullptr) return Missing(wrong);
  account.Delete(*contact, account.options().api_key_name);
  return NoContent();
}

std::string ParseFilter(const Call& call, ContactFilter& filter) {
  for (const auto& [name, out] : {std::pair("modifiedSince", &filter.modified_since),
                                  std::pair("createdSince", &filter.created_since)}) {
    const auto text = call.Query(name);
    if (!text) continue;
    const auto millis = ParseRfc3339Millis(*text, true);
    if (!millis) return std::string("Invalid ") + name;
    *out = *millis;
  }
  for (const auto& [key, value] : call.request.query) {
    const bool lists = key == "listIds" || key == "listIds[]";
    if (!lists && key != "ids" && key != "ids[]") continue;
    size_t at = 0;
    while (at <= value.size()) {
      const size_t comma = std::min(value.find(',', at), value.size());
      const auto id = ParseInteger(std::string_view(value).substr(at, comma - at));
      if (!id) return "Invalid " + key;
      (lists ? filter.lists : filter.ids).insert(*id);
      at = comma + 1;
    }
  }
  return filter.ids.size() > kMaxIds ? "ids: at most 20" : "";
}

Reply List(BrevoAccount& account, const Call& call) {
  ContactFilter filter;
  if (std::string wrong = ParseFilter(call, filter); !wrong.empty()) return BrevoInvalid(wrong);
  if (call.Query("filter") || call.Query("segmentId")) {
    return BrevoInvalid("filter and segmentId are not available here");
  }
  return ContactPage(account, call, filter, kMaxPage);
}

}  // namespace

void AddBrevoContactRoutes(World& world, Router& router) {
  BrevoAccount& account = world.brevo;
  router.Add({"GET",
              "/v3/contacts",
              {"limit", "offset", "modifiedSince", "createdSince", "sort", "segmentId", "listIds",
               "filter", "ids"},
              0,
              [&account](const Call& call) { return List(account, call); }});
  router.Add({"POST", "/v3/contacts", {}, 0, [&account](const Call& call) {
                return Post(account, call);
              }});
  router.Add({"GET",
              "/v3/contacts/{identifier}",
              {"identifierType", "startDate", "endDate"},
              0,
              [&account](const Call& call) { return Get(account, call); }});
  router.Add(
      {"PUT", "/v3/contacts/{identifier}", {"identifierType"}, 0, [&account](const Call& call) {
         return Put(account, call);
       }});
  router.Add(
      {"DELETE", "/v3/contacts/{identifier}", {"identifierType"}, 0, [&account](const Call& call) {
         return Delete(account, call);
       }});
  router.Add({"POST", "/v3/contacts/batch", {}, 0, [](const Call&) {
                return BrevoFail(400, "bad_request",
                                 "This endpoint is deprecated, use /contacts/import");
              }});
}

}  // namespace sandbox
