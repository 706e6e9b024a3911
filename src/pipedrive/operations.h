#pragma once

// The calls the clients make. Token costs: x-token-cost of the official descriptions (API v1 costs
// twice as much as v2).

#include "http/caller.h"

namespace connector::pipedrive {

inline constexpr quota::Operation PipedriveRead(std::string_view name, int tokens) {
  return {.name = name,
          .api = quota::Api::kPipedrive,
          .family = quota::Family::kPipedriveGeneral,
          .tokens = tokens,
          .repeat = quota::Repeat::kSafe,
          .write = false};
}

inline constexpr quota::Operation PipedriveSearch(std::string_view name, int tokens) {
  quota::Operation operation = PipedriveRead(name, tokens);
  operation.family = quota::Family::kPipedriveSearch;
  return operation;
}

inline constexpr quota::Operation PipedriveWrite(std::string_view name, int tokens,
                                                 quota::Repeat repeat = quota::Repeat::kSafe) {
  quota::Operation operation = PipedriveRead(name, tokens);
  operation.repeat = repeat;
  operation.write = true;
  return operation;
}

inline constexpr quota::Operation kListPersons = PipedriveRead("persons.list", 10);
inline constexpr quota::Operation kListOrganizations = PipedriveRead("organizations.list", 10);
inline constexpr quota::Operation kListPersonFields = PipedriveRead("person_fields.list", 10);
inline constexpr quota::Operation kListOrganizationFields =
    PipedriveRead("organization_fields.list", 10);

inline constexpr quota::Operation kListDeals = PipedriveRead("deals.list", 10);
inline constexpr quota::Operation kListArchivedDeals = PipedriveRead("deals.list_archived", 20);
inline constexpr quota::Operation kGetDeal = PipedriveRead("deals.get", 1);
inline constexpr quota::Operation kListPipelines = PipedriveRead("pipelines.list", 5);
inline constexpr quota::Operation kListStages = PipedriveRead("stages.list", 5);

inline constexpr quota::Operation kListPersonsV1 = PipedriveRead("persons.list.v1", 20);
inline constexpr quota::Operation kGetPersonV1 = PipedriveRead("persons.get.v1", 2);
inline constexpr quota::Operation kListOrganizationsV1 = PipedriveRead("organizations.list.v1", 20);
inline constexpr quota::Operation kGetOrganizationV1 = PipedriveRead("organizations.get.v1", 2);
inline constexpr quota::Operation kListPersonFieldsV1 = PipedriveRead("person_fields.list.v1", 20);
inline constexpr quota::Operation kListOrganizationFieldsV1 =
    PipedriveRead("organization_fields.list.v1", 20);
inline constexpr quota::Operation kListDealsV1 = PipedriveRead("deals.list.v1", 20);
inline constexpr quota::Operation kListArchivedDealsV1 =
    PipedriveRead("deals.list_archived.v1", 40);
inline constexpr quota::Operation kGetDealV1 = PipedriveRead("deals.get.v1", 2);
inline constexpr quota::Operation kListPipelinesV1 = PipedriveRead("pipelines.list.v1", 10);
inline constexpr quota::Operation kListStagesV1 = PipedriveRead("stages.list.v1", 10);

inline constexpr quota::Operation kListActivities = PipedriveRead("activities.list", 10);
inline constexpr quota::Operation kListActivitiesV1 = PipedriveRead("activities.list.v1", 20);
inline constexpr quota::Operation kGetActivityV1 = PipedriveRead("activities.get.v1", 2);

// Leads are in v1 alone, which for them is not deprecated.
inline constexpr quota::Operation kListLeads = PipedriveRead("leads.list", 20);
inline constexpr quota::Operation kListArchivedLeads = PipedriveRead("leads.list_archived", 40);
inline constexpr quota::Operation kGetLead = PipedriveRead("leads.get", 2);
inline constexpr quota::Operation kListLeadLabels = PipedriveRead("lead_labels.list", 10);

inline constexpr quota::Operation kSearch = PipedriveSearch("items.search", 20);
inline constexpr quota::Operation kSearchV1 = PipedriveSearch("items.search.v1", 40);

inline constexpr quota::Operation kGetPerson = PipedriveRead("persons.get", 1);
inline constexpr quota::Operation kCreatePerson =
    PipedriveWrite("persons.create", 5, quota::Repeat::kUnsafe);
inline constexpr quota::Operation kUpdatePerson = PipedriveWrite("persons.update", 5);
inline constexpr quota::Operation kDeletePerson = PipedriveWrite("persons.delete", 3);
inline constexpr quota::Operation kCreatePersonV1 =
    PipedriveWrite("persons.create.v1", 10, quota::Repeat::kUnsafe);
inline constexpr quota::Operation kUpdatePersonV1 = PipedriveWrite("persons.update.v1", 10);
inline constexpr quota::Operation kDeletePersonV1 = PipedriveWrite("persons.delete.v1", 6);
// After a merge one of the two is gone, so that a repetition cannot tell success from a mistake.
inline constexpr quota::Operation kMergePersons =
    PipedriveWrite("persons.merge", 40, quota::Repeat::kUnsafe);

inline constexpr quota::Operation kCreateDeal =
    PipedriveWrite("deals.create", 5, quota::Repeat::kUnsafe);
inline constexpr quota::Operation kUpdateDeal = PipedriveWrite("deals.update", 5);
inline constexpr quota::Operation kDeleteDeal = PipedriveWrite("deals.delete", 3);
inline constexpr quota::Operation kGetOrganization = PipedriveRead("organizations.get", 1);
inline constexpr quota::Operation kCreateOrganization =
    PipedriveWrite("organizations.create", 5, quota::Repeat::kUnsafe);
inline constexpr quota::Operation kUpdateOrganization = PipedriveWrite("organizations.update", 5);
inline constexpr quota::Operation kDeleteOrganization = PipedriveWrite("organizations.delete", 3);
inline constexpr quota::Operation kGetActivity = PipedriveRead("activities.get", 1);
inline constexpr quota::Operation kCreateActivity =
    PipedriveWrite("activities.create", 5, quota::Repeat::kUnsafe);
inline constexpr quota::Operation kUpdateActivity = PipedriveWrite("activities.update", 5);
inline constexpr quota::Operation kDeleteActivity = PipedriveWrite("activities.delete", 3);
inline constexpr quota::Operation kListDealFields = PipedriveRead("deal_fields.list", 10);
inline constexpr quota::Operation kListActivityFields = PipedriveRead("activity_fields.list", 10);
// API v1 alone deletes many at once, and v1 alone has leads and recents.
inline constexpr quota::Operation kBulkDelete = PipedriveWrite("records.bulk_delete.v1", 10);
inline constexpr quota::Operation kCreateLead =
    PipedriveWrite("leads.create", 10, quota::Repeat::kUnsafe);
inline constexpr quota::Operation kUpdateLead = PipedriveWrite("leads.update", 10);
inline constexpr quota::Operation kDeleteLead = PipedriveWrite("leads.delete", 6);
inline constexpr quota::Operation kListLeadFields = PipedriveRead("lead_fields.list", 20);
inline constexpr quota::Operation kListRecents = PipedriveRead("recents.list", 20);

// Not deprecated in v1 and without a twin in v2.
inline constexpr quota::Operation kListWebhooks = PipedriveRead("webhooks.list", 10);
inline constexpr quota::Operation kCreateWebhook =
    PipedriveWrite("webhooks.create", 10, quota::Repeat::kUnsafe);
inline constexpr quota::Operation kDeleteWebhook = PipedriveWrite("webhooks.delete", 6);
inline constexpr quota::Operation kGetCurrentUser = PipedriveRead("users.me", 2);
inline constexpr quota::Operation kListCurrencies = PipedriveRead("currencies.list", 20);

// Of the OAuth server; they cost no tokens. A code is good for one exchange, while a refresh may be
// repeated: the refresh token stays the same.
inline constexpr quota::Operation OAuthCall(std::string_view name, quota::Repeat repeat) {
  return {.name = name,
          .api = quota::Api::kPipedrive,
          .family = quota::Family::kUnmetered,
          .tokens = 0,
          .repeat = repeat,
          .write = false};
}

inline constexpr quota::Operation kExchangeCode =
    OAuthCall("oauth.exchange", quota::Repeat::kUnsafe);
inline constexpr quota::Operation kRefreshToken = OAuthCall("oauth.refresh", quota::Repeat::kSafe);
inline constexpr quota::Operation kRevokeToken = OAuthCall("oauth.revoke", quota::Repeat::kSafe);

}  // namespace connector::pipedrive
