// Brevo: /account and /contacts/attributes.
#include <algorithm>
#include <set>

#include "replies.h"
#include "routes.h"
#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

Reply GetAccount(const World& world) {
  const json plan = {{"type", "subscription"}, {"credits", 20000}, {"creditsType", "sendLimit"}};
  return JsonReply(
      200, {{"organization_id", "5fa2b8c123456789abcdef01"},
            {"user_id", 1234567},
            {"enterprise", world.options.brevo_plan == "extended"},
            {"companyName", "Sandbox " + world.options.company_domain},
            {"email", "owner@" + world.options.company_domain + ".example"},
            {"firstName", "Olivia"},
            {"lastName", "Owner"},
            {"address",
             {{"city", "Berlin"},
              {"country", "Germany"},
              {"street", "Main Street 1"},
              {"zipCode", "10115"}}},
            {"dateTimePreferences",
             {{"timezone", "Europe/Berlin"}, {"timeFormat", "24"}, {"dateFormat", "dd-mm-yyyy"}}},
            {"marketingAutomation", {{"enabled", true}, {"key", "ma8k2x9v4h7p3d6f1c5e8b2a"}}},
            {"plan", json::array({plan})},
            {"planVerticals", json::array()},
            {"relay",
             {{"enabled", true},
              {"data",
               {{"port", 587},
                {"relay", "smtp-relay.brevo.com"},
                {"userName", "owner@example.com"}}}}}});
}

json AttributeJson(const std::string& name, const BrevoAttribute& attribute) {
  json out = {{"name", name}, {"category", attribute.category}};
  // In category attributes the type is told to be text.
  out["type"] = attribute.type == "category" ? "text" : attribute.type;
  if (!attribute.enumeration.empty()) {
    out["enumeration"] = json::array();
    for (const auto& [id, label] : attribute.enumeration) {
      out["enumeration"].push_back({{"value", id}, {"label", label}});
    }
  }
  if (!attribute.options.empty()) out["multiCategoryOptions"] = attribute.options;
  return out;
}

Reply GetAttributes(const BrevoAccount& account) {
  json rows = json::array();
  for (const auto& [name, attribute] : account.attributes) {
    rows.push_back(AttributeJson(name, attribute));
  }
  return JsonReply(200, {{"attributes", rows}});
}

bool IsName(const std::string& name) {
  return !name.empty() && name.size() <= 50 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

Reply CreateAttribute(BrevoAccount& account, const Call& call) {
  const std::string& category = call.params.at("category");
  const std::string& name = call.params.at("name");
  const std::set<std::string> categories = {"normal", "transactional", "category", "calculated",
                                            "global"};
  if (categories.count(category) == 0) return BrevoInvalid("Attribute category is invalid");
  if (!IsName(name)) return BrevoInvalid("Attribute name is invalid");
  if (account.attributes.count(name) > 0 || name == "EMAIL") {
    return BrevoInvalid("Attribute name must be unique");
  }
  const json body = call.request.body.empty() ? json::object() : json::parse(call.request.body);
  BrevoAttribute attribute{category, body.value("type", ""), {}, {}};
  const std::set<std::string> types = {"text", "date", "float", "boolean", "multiple-choice",
                                       "user"};
  if (category == "normal" && types.count(attribute.type) == 0) {
    return BrevoInvalid("Attribute type is invalid");
  }
  if (category == "category") attribute.type = "category";
  for (const json& item : body.value("enumeration", json::array())) {
    attribute.enumeration.emplace_back(item["value"], item["label"]);
  }
  attribute.options = body.value("multiCategoryOptions", std::vector<std::string>());
  if (category == "category" && attribute.enumeration.empty()) {
    return BrevoFail(400, "missing_parameter", "enumeration is missing");
  }
  account.attributes[name] = attribute;
  Reply reply = NoContent();
  reply.status = 201;
  return reply;
}

Reply UpdateAttribute(BrevoAccount& account, const Call& call) {
  const auto it = account.attributes.find(call.params.at("name"));
  if (it == account.attributes.end()) return BrevoNotFound("Attribute not found");
  const json body = json::parse(call.request.body);
  if (body.contains("enumeration")) {
    it->second.enumeration.clear();
    for (const json& item : body["enumeration"]) {
      it->second.enumeration.emplace_back(item["value"], item["label"]);
    }
  }
  if (body.contains("multiCategoryOptions")) {
    it->second.options = body["multiCategoryOptions"].get<std::vector<std::string>>();
  }
  return NoContent();
}

Reply DeleteAttribute(BrevoAccount& account, const Call& call) {
  if (account.attributes.erase(call.params.at("name")) == 0) {
    return BrevoNotFound("Attribute not found");
  }
  return NoContent();
}

}  // namespace

void AddBrevoAccountRoutes(World& world, Router& router) {
  BrevoAccount& account = world.brevo;
  router.Add({"GET", "/v3/account", {}, 0, [&world](const Call&) { return GetAccount(world); }});
  router.Add({"GET", "/v3/contacts/attributes", {}, 0, [&account](const Call&) {
                return GetAttributes(account);
              }});
  router.Add(
      {"POST", "/v3/contacts/attributes/{category}/{name}", {}, 0, [&account](const Call& call) {
         return CreateAttribute(account, call);
       }});
  router.Add(
      {"PUT", "/v3/contacts/attributes/{category}/{name}", {}, 0, [&account](const Call& call) {
         return UpdateAttribute(account, call);
       }});
  router.Add(
      {"DELETE", "/v3/contacts/attributes/{category}/{name}", {}, 0, [&account](const Call& call) {
         return DeleteAttribute(account, call);
       }});
}

}  // namespace sandbox
