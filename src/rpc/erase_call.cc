#include "rpc/erase_call.h"

#include "rpc/contact_key.h"
#include "sync/erase.h"

namespace connector::rpc {
namespace {

namespace v1 = pipedrive_connector::v1;

v1::ErasureOutcome ToProto(store::ErasureOutcome outcome) {
  switch (outcome) {
    case store::ErasureOutcome::kPending:
      return v1::ERASURE_OUTCOME_PENDING;
    case store::ErasureOutcome::kDeleted:
      return v1::ERASURE_OUTCOME_DELETED;
    case store::ErasureOutcome::kAnonymised:
      return v1::ERASURE_OUTCOME_ANONYMISED;
    case store::ErasureOutcome::kNotFound:
      return v1::ERASURE_OUTCOME_NOT_FOUND;
    case store::ErasureOutcome::kKept:
      return v1::ERASURE_OUTCOME_KEPT;
  }
  return v1::ERASURE_OUTCOME_UNSPECIFIED;
}

}  // namespace

grpc::ServerUnaryReactor* EraseContact(grpc::CallbackServerContext& context,
                                       const InquiryParts& parts,
                                       const v1::EraseContactRequest& request,
                                       v1::EraseContactResponse& response) {
  if (!request.confirm()) {
    return RefuseInquiry(
        absl::InvalidArgumentError("confirm: must be true; an erasure can't be undone"), context);
  }
  absl::StatusOr<sync::ContactKey> key = ToContactKey(request.key());
  if (!key.ok()) return RefuseInquiry(key.status(), context);
  return InquiryCall<store::Erasure>::Begin(
      context, parts, request.connection(),
      [key = *std::move(key)](const worker::Inquiries::Scene& scene) {
        return sync::EraseContact(scene.accounts, key, {scene.call, scene.owner});
      },
      [&response](const store::Erasure& erasure) {
        response.set_store(ToProto(erasure.here));
        response.set_pipedrive(ToProto(erasure.pipedrive));
        response.set_brevo(ToProto(erasure.brevo));
        response.set_audit_id(erasure.id);
      });
}

}  // namespace connector::rpc
