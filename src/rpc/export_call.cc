#include "rpc/export_call.h"

#include <google/protobuf/util/time_util.h>

#include <utility>

#include "rpc/contact_key.h"
#include "rpc/tree_messages.h"
#include "sync/export_contact.h"

namespace connector::rpc {

namespace v1 = pipedrive_connector::v1;

grpc::ServerUnaryReactor* ExportContact(grpc::CallbackServerContext& context,
                                        const InquiryParts& parts, sync::Records& records,
                                        const v1::ExportContactRequest& request,
                                        v1::ExportContactResponse& response) {
  absl::StatusOr<sync::ContactKey> key = ToContactKey(request.key());
  if (!key.ok()) return RefuseInquiry(key.status(), context);
  return InquiryCall<sync::ContactExport>::Begin(
      context, parts, request.connection(),
      [key = *std::move(key), &records](const worker::Inquiries::Scene& scene) {
        return sync::ExportContact(scene.accounts, records, key, scene.call);
      },
      [&response](const sync::ContactExport& all) {
        FillStruct(all.store, *response.mutable_store());
        if (all.pipedrive) FillStruct(*all.pipedrive, *response.mutable_pipedrive());
        if (all.brevo) FillStruct(*all.brevo, *response.mutable_brevo());
        *response.mutable_exported_at() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
            all.at.time_since_epoch().count());
      });
}

}  // namespace connector::rpc
