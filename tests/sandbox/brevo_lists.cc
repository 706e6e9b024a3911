// Brevo: lists, who is on them, and folders.
#include <algorithm>

#include "brevo_json.h"
#include "replies.h"
#include "routes.h"
#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

constexpr size_t kMaxMembers = 150;

bool IsOn(const BrevoContact& contact, int64_t list) {
  return std::binary_search(contact.lists.begin(), contact.lists.end(), list);
}

json ListJson(const BrevoAccount& account, int64_t id, const BrevoList& list) {
  int64_t blacklisted = 0;
  int64_t members = 0;
  for (const BrevoContact& contact : account.contacts) {
    if (contact.deleted || !IsOn(contact, id)) continue;
    ++members;
    if (contact.email_blacklisted) ++blacklisted;
  }
  return {{"id", id},
          {"name", list.name},
          {"totalBlacklisted", blacklisted},
          {"totalSubscribers", members - blacklisted},
          {"uniqueSubscribers", members},
          {"folderId", list.folder}};
}

Reply GetLists(const BrevoAccount& account, const Call& call) {
  const OffsetPaging paging = ParseOffsetPaging(call, 10, 50);
  if (!paging.wrong.empty()) return BrevoFail(400, "out_of_range", paging.wrong);
  std::vector<int64_t> ids;
  for (const auto& [id, list] : account.lists) ids.push_back(id);
  if (!paging.ascending) std::reverse(ids.begin(), ids.end());
  json rows = json::array();
  for (int64_t i = paging.offset; i < paging.offset + paging.limit; ++i) {
    if (i >= static_cast<int64_t>(ids.size())) break;
    const int64_t id = ids[static_cast<size_t>(i)];
    rows.push_back(ListJson(account, id, account.lists.at(id)));
  }
  return JsonReply(200, {{"lists", rows}, {"count", ids.size()}});
}

const BrevoList* FindList(const BrevoAccount& account, const Call& call) {
  const auto it = account.lists.find(call.ParamInt("id").value_or(0));
  return it == account.lists.end() ? nullptr : &it->second;
}

Reply NoList() { return BrevoNotFound("List ID does not exist"); }

Reply GetList(const BrevoAccount& account, const Call& call) {
  const BrevoList* list = FindList(account, call);
  if (list == nullptr) return NoList();
  json out = ListJson(account, *call.ParamInt("id"), *list);
  out["createdAt"] = FormatIsoMillis(list->created_ms);
  out["campaignStats"] = json::array();
  out["dynamicList"] = false;
  return JsonReply(200, out);
}

Reply CreateList(World& world, const Call& call) {
  BrevoAccount& account = world.brevo;
  const json body = json::parse(call.request.body);
  if (!body.is_object() || !body.contains("name") || !body["name"].is_string() ||
      !body.contains("folderId") || !body["folderId"].is_number_integer()) {
    return BrevoFail(400, "missing_parameter", "name and folderId are required");
  }
  if (account.folders.count(body["folderId"].get<int64_t>()) == 0) {
    return BrevoNotFound("Folder ID does not exist");
  }
  const int64_t id = account.next_list++;
  account.lists[id] = {body["name"], body["folderId"], world.clock.NowMillis()};
  return JsonReply(201, {{"id", id}});
}

Reply UpdateList(BrevoAccount& account, const Call& call) {
  if (FindList(account, call) == nullptr) return NoList();
  BrevoList& list = account.lists[*call.ParamInt("id")];
  const json body = json::parse(call.request.body);
  list.name = body.value("name", list.name);
  list.folder = body.value("folderId", list.folder);
  return NoContent();
}

// The contacts stay.
Reply DeleteList(BrevoAccount& account, const Call& call) {
  if (FindList(account, call) == nullptr) return NoList();
  const int64_t id = *call.ParamInt("id");
  account.lists.erase(id);
  for (BrevoContact& contact : account.contacts) {
    contact.lists.erase(std::remove(contact.lists.begin(), contact.lists.end(), id),
                        contact.lists.end());
  }
  return NoContent();
}

Reply ListContacts(const BrevoAccount& account, const Call& call) {
  if (FindList(account, call) == nullptr) return NoList();
  ContactFilter filter;
  filter.lists = {*call.ParamInt("id")};
  if (const auto text = call.Query("modifiedSince")) {
    filter.modified_since = ParseRfc3339Millis(*text, true);
    if (!filter.modified_since) return BrevoInvalid("Invalid modifiedSince");
  }
  return ContactPage(account, call, filter, 500);
}

BrevoContact* FindMember(BrevoAccount& account, const std::string& kind, const json& key) {
  if (kind == "ids") return key.is_number_integer() ? account.FindById(key) : nullptr;
  if (!key.is_string()) return nullptr;
  return kind == "emails" ? account.FindByEmail(key) : account.FindByUnique("EXT_ID", key);
}

Reply ChangeMembers(BrevoAccount& account, const Call& call, bool add) {
  if (FindList(account, call) == nullptr) return NoList();
  const int64_t list = *call.ParamInt("id");
  const json body = json::parse(call.request.body);
  if (!body.is_object() || body.size() != 1) {
    return BrevoInvalid("Exactly one of emails, ids or extIds is required");
  }
  const std::string kind = body.begin().key();
  const json& keys = body.begin().value();
  if ((kind != "emails" && kind != "ids" && kind != "extIds") || !keys.is_array()) {
    return BrevoInvalid("Exactly one of emails, ids or extIds is required");
  }
  if (keys.empty() || keys.size() > kMaxMembers) {
    return BrevoInvalid("1 to 150 contacts are allowed");
  }
  json success = json::array();
  json failure = json::array();
  for (const json& key : keys) {
    BrevoContact* contact = FindMember(account, kind, key);
    if (contact == nullptr || IsOn(*contact, list) == add) {
      failure.push_back(key);
      continue;
    }
    ContactWrite write;
    (add ? write.join : write.leave) = {list};
    write.api_key_name = account.options().api_key_name;
    account.Apply(*contact, write, false);
    success.push_back(key);
  }
  if (success.empty()) {
    return BrevoInvalid(add ? "Contact already in list and/or does not exist"
                            : "Contact already removed from list and/or does not exist");
  }
  return JsonReply(201, {{"contacts", {{"success", success}, {"failure", failure}}}});
}

json FolderJson(const BrevoAccount& account, int64_t id) {
  int64_t members = 0;
  for (const auto& [list_id, list] : account.lists) {
    if (list.folder != id) continue;
    members += ListJson(account, list_id, list)["uniqueSubscribers"].get<int64_t>();
  }
  return {{"id", id},
          {"name", account.folders.at(id)},
          {"totalBlacklisted", 0},
          {"totalSubscribers", members},
          {"uniqueSubscribers", members}};
}

Reply GetFolders(const BrevoAccount& account) {
  json rows = json::array();
  for (const auto& [id, name] : account.folders) rows.push_back(FolderJson(account, id));
  return JsonReply(200, {{"folders", rows}, {"count", account.folders.size()}});
}

Reply CreateFolder(BrevoAccount& account, const Call& call) {
  const json body = json::parse(call.request.body);
  if (!body.is_object() || !body.contains("name") || !body["name"].is_string()) {
    return BrevoFail(400, "missing_parameter", "name is missing");
  }
  const int64_t id = account.next_folder++;
  account.folders[id] = body["name"];
  return JsonReply(201, {{"id", id}});
}

}  // namespace

void AddBrevoListRoutes(World& world, Router& router) {
  BrevoAccount& account = world.brevo;
  router.Add(
      {"GET", "/v3/contacts/lists", {"limit", "offset", "sort"}, 0, [&account](const Call& call) {
         return GetLists(account, call);
       }});
  router.Add({"POST", "/v3/contacts/lists", {}, 0, [&world](const Call& call) {
                return CreateList(world, call);
              }});
  router.Add(
      {"GET", "/v3/contacts/lists/{id}", {"startDate", "endDate"}, 0, [&account](const Call& call) {
         return GetList(account, call);
       }});
  router.Add({"PUT", "/v3/contacts/lists/{id}", {}, 0, [&account](const Call& call) {
                return UpdateList(account, call);
              }});
  router.Add({"DELETE", "/v3/contacts/lists/{id}", {}, 0, [&account](const Call& call) {
                return DeleteList(account, call);
              }});
  router.Add({"GET",
              "/v3/contacts/lists/{id}/contacts",
              {"modifiedSince", "limit", "offset", "sort"},
              0,
              [&account](const Call& call) { return ListContacts(account, call); }});
  router.Add({"POST", "/v3/contacts/lists/{id}/contacts/add", {}, 0, [&account](const Call& call) {
                return ChangeMembers(account, call, true);
              }});
  router.Add(
      {"POST", "/v3/contacts/lists/{id}/contacts/remove", {}, 0, [&account](const Call& call) {
         return ChangeMembers(account, call, false);
       }});
  router.Add(
      {"GET", "/v3/contacts/folders", {"limit", "offset", "sort"}, 0, [&account](const Call&) {
         return GetFolders(account);
       }});
  router.Add({"POST", "/v3/contacts/folders", {}, 0, [&account](const Call& call) {
                return CreateFolder(account, call);
              }});
  router.Add({"GET", "/v3/contacts/folders/{id}", {}, 0, [&account](const Call& call) {
                const int64_t id = call.ParamInt("id").value_or(0);
                return account.folders.count(id) > 0 ? JsonReply(200, FolderJson(account, id))
                                                     : BrevoNotFound("Folder ID does not exist");
              }});
}

}  // namespace sandbox
