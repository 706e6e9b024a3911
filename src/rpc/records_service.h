#pragma once

#include "pipedrive_connector/v1/records.grpc.pb.h"
#include "rpc/record_calls.h"
#include "rpc/webhook_calls.h"

namespace connector::rpc {

// The service PipedriveRecords. Every method only hands its messages on.
class RecordsService : public pipedrive_connector::v1::PipedriveRecords::CallbackService {
 public:
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

  RecordsService(RecordCalls records, WebhookCalls webhooks)
      : records_(records), webhooks_(webhooks) {}

  Reactor* ListPersons(Context* context, const pipedrive_connector::v1::ListPersonsRequest* request,
                       pipedrive_connector::v1::ListPersonsResponse* response) override {
    return records_.List(RecordKind::kPerson, *context, *request, *response);
  }
  Reactor* GetPerson(Context* context, const pipedrive_connector::v1::GetPersonRequest* request,
                     pipedrive_connector::v1::GetPersonResponse* response) override {
    return records_.Get(RecordKind::kPerson, *context, *request, *response);
  }
  Reactor* CreatePerson(Context* context,
                        const pipedrive_connector::v1::CreatePersonRequest* request,
                        pipedrive_connector::v1::CreatePersonResponse* response) override {
    return records_.Create(RecordKind::kPerson, *context, *request, *response);
  }
  Reactor* UpdatePerson(Context* context,
                        const pipedrive_connector::v1::UpdatePersonRequest* request,
                        pipedrive_connector::v1::UpdatePersonResponse* response) override {
    return records_.Update(RecordKind::kPerson, *context, *request, *response);
  }
  Reactor* DeletePerson(Context* context,
                        const pipedrive_connector::v1::DeletePersonRequest* request,
                        pipedrive_connector::v1::DeletePersonResponse*) override {
    return records_.Delete(RecordKind::kPerson, *context, *request);
  }

  Reactor* ListDeals(Context* context, const pipedrive_connector::v1::ListDealsRequest* request,
                     pipedrive_connector::v1::ListDealsResponse* response) override {
    return records_.List(RecordKind::kDeal, *context, *request, *response);
  }
  Reactor* GetDeal(Context* context, const pipedrive_connector::v1::GetDealRequest* request,
                   pipedrive_connector::v1::GetDealResponse* response) override {
    return records_.Get(RecordKind::kDeal, *context, *request, *response);
  }
  Reactor* CreateDeal(Context* context, const pipedrive_connector::v1::CreateDealRequest* request,
                      pipedrive_connector::v1::CreateDealResponse* response) override {
    return records_.Create(RecordKind::kDeal, *context, *request, *response);
  }
  Reactor* UpdateDeal(Context* context, const pipedrive_connector::v1::UpdateDealRequest* request,
                      pipedrive_connector::v1::UpdateDealResponse* response) override {
    return records_.Update(RecordKind::kDeal, *context, *request, *response);
  }
  Reactor* DeleteDeal(Context* context, const pipedrive_connector::v1::DeleteDealRequest* request,
                      pipedrive_connector::v1::DeleteDealResponse*) override {
    return records_.Delete(RecordKind::kDeal, *context, *request);
  }

  Reactor* ListOrganizations(
      Context* context, const pipedrive_connector::v1::ListOrganizationsRequest* request,
      pipedrive_connector::v1::ListOrganizationsResponse* response) override {
    return records_.List(RecordKind::kOrganization, *context, *request, *response);
  }
  Reactor* GetOrganization(Context* context,
                           const pipedrive_connector::v1::GetOrganizationRequest* request,
                           pipedrive_connector::v1::GetOrganizationResponse* response) override {
    return records_.Get(RecordKind::kOrganization, *context, *request, *response);
  }
  Reactor* CreateOrganization(
      Context* context, const pipedrive_connector::v1::CreateOrganizationRequest* request,
      pipedrive_connector::v1::CreateOrganizationResponse* response) override {
    return records_.Create(RecordKind::kOrganization, *context, *request, *response);
  }
  Reactor* UpdateOrganization(
      Context* context, const pipedrive_connector::v1::UpdateOrganizationRequest* request,
      pipedrive_connector::v1::UpdateOrganizationResponse* response) override {
    return records_.Update(RecordKind::kOrganization, *context, *request, *response);
  }
  Reactor* DeleteOrganization(Context* context,
                              const pipedrive_connector::v1::DeleteOrganizationRequest* request,
                              pipedrive_connector::v1::DeleteOrganizationResponse*) override {
    return records_.Delete(RecordKind::kOrganization, *context, *request);
  }

  Reactor* ListActivities(Context* context,
                          const pipedrive_connector::v1::ListActivitiesRequest* request,
                          pipedrive_connector::v1::ListActivitiesResponse* response) override {
    return records_.List(RecordKind::kActivity, *context, *request, *response);
  }
  Reactor* GetActivity(Context* context, const pipedrive_connector::v1::GetActivityRequest* request,
                       pipedrive_connector::v1::GetActivityResponse* response) override {
    return records_.Get(RecordKind::kActivity, *context, *request, *response);
  }
  Reactor* CreateActivity(Context* context,
                          const pipedrive_connector::v1::CreateActivityRequest* request,
                          pipedrive_connector::v1::CreateActivityResponse* response) override {
    return records_.Create(RecordKind::kActivity, *context, *request, *response);
  }
  Reactor* UpdateActivity(Context* context,
                          const pipedrive_connector::v1::UpdateActivityRequest* request,
                          pipedrive_connector::v1::UpdateActivityResponse* response) override {
    return records_.Update(RecordKind::kActivity, *context, *request, *response);
  }
  Reactor* DeleteActivity(Context* context,
                          const pipedrive_connector::v1::DeleteActivityRequest* request,
                          pipedrive_connector::v1::DeleteActivityResponse*) override {
    return records_.Delete(RecordKind::kActivity, *context, *request);
  }

  Reactor* ListLeads(Context* context, const pipedrive_connector::v1::ListLeadsRequest* request,
                     pipedrive_connector::v1::ListLeadsResponse* response) override {
    return records_.List(RecordKind::kLead, *context, *request, *response);
  }
  Reactor* GetLead(Context* context, const pipedrive_connector::v1::GetLeadRequest* request,
                   pipedrive_connector::v1::GetLeadResponse* response) override {
    return records_.Get(RecordKind::kLead, *context, *request, *response);
  }
  Reactor* CreateLead(Context* context, const pipedrive_connector::v1::CreateLeadRequest* request,
                      pipedrive_connector::v1::CreateLeadResponse* response) override {
    return records_.Create(RecordKind::kLead, *context, *request, *response);
  }
  Reactor* UpdateLead(Context* context, const pipedrive_connector::v1::UpdateLeadRequest* request,
                      pipedrive_connector::v1::UpdateLeadResponse* response) override {
    return records_.Update(RecordKind::kLead, *context, *request, *response);
  }
  Reactor* DeleteLead(Context* context, const pipedrive_connector::v1::DeleteLeadRequest* request,
                      pipedrive_connector::v1::DeleteLeadResponse*) override {
    return records_.Delete(RecordKind::kLead, *context, *request);
  }

  Reactor* ListPipelines(Context* context,
                         const pipedrive_connector::v1::ListPipelinesRequest* request,
                         pipedrive_connector::v1::ListPipelinesResponse* response) override {
    return records_.ListPipelines(*context, *request, *response);
  }
  Reactor* ListStages(Context* context, const pipedrive_connector::v1::ListStagesRequest* request,
                      pipedrive_connector::v1::ListStagesResponse* response) override {
    return records_.ListStages(*context, *request, *response);
  }
  Reactor* ListFields(Context* context, const pipedrive_connector::v1::ListFieldsRequest* request,
                      pipedrive_connector::v1::ListFieldsResponse* response) override {
    return records_.ListFields(*context, *request, *response);
  }
  Reactor* BulkDelete(Context* context, const pipedrive_connector::v1::BulkDeleteRequest* request,
                      pipedrive_connector::v1::BulkDeleteResponse* response) override {
    return records_.BulkDelete(*context, *request, *response);
  }
  Reactor* ListRecents(Context* context, const pipedrive_connector::v1::ListRecentsRequest* request,
                       pipedrive_connector::v1::ListRecentsResponse* response) override {
    return records_.ListRecents(*context, *request, *response);
  }
  Reactor* MergePersons(Context* context,
                        const pipedrive_connector::v1::MergePersonsRequest* request,
                        pipedrive_connector::v1::MergePersonsResponse* response) override {
    return records_.Merge(*context, *request, *response);
  }

  Reactor* ListWebhooks(Context* context,
                        const pipedrive_connector::v1::ListWebhooksRequest* request,
                        pipedrive_connector::v1::ListWebhooksResponse* response) override {
    return webhooks_.List(*context, *request, *response);
  }
  Reactor* CreateWebhook(Context* context,
                         const pipedrive_connector::v1::CreateWebhookRequest* request,
                         pipedrive_connector::v1::CreateWebhookResponse* response) override {
    return webhooks_.Create(*context, *request, *response);
  }
  Reactor* DeleteWebhook(Context* context,
                         const pipedrive_connector::v1::DeleteWebhookRequest* request,
                         pipedrive_connector::v1::DeleteWebhookResponse*) override {
    return webhooks_.Delete(*context, *request);
  }

 private:
  RecordCalls records_;
  WebhookCalls webhooks_;
};

}  // namespace connector::rpc
