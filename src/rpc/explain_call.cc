#include "rpc/explain_call.h"

#include <algorithm>

#include "google/protobuf/util/time_util.h"
#include "rpc/contact_key.h"
#include "rpc/run_messages.h"

namespace connector::rpc {
namespace {

google::protobuf::Timestamp ToProto(Time time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(time.time_since_epoch().count());
}

void Fill(const sync::FieldStory& story, v1::FieldExplanation& out) {
  out.set_field(story.field);
  out.set_attribute(story.attribute);
  out.set_pipedrive_value(story.pipedrive);
  out.set_brevo_value(story.brevo);
  out.set_base_value(story.base);
  out.set_unconfirmed(story.unconfirmed);
  out.set_refused(story.refused);
  out.set_verdict(story.verdict);
}

void Fill(const sync::ListStory& story, v1::ListExplanation& out) {
  out.set_list_id(story.list_id);
  out.set_name(story.name);
  out.set_wanted(story.wanted);
  out.set_member(story.member);
  out.set_ours(story.ours);
  out.set_withheld(story.withheld);
  for (const reconcile::ListReason& reason : story.reasons) {
    v1::ListReason& added = *out.add_reasons();
    added.set_list_id(reason.list_id);
    added.set_name(reason.name);
    added.set_reason(reason.why);
  }
}

void Fill(const store::PendingWork& pending, v1::PendingWork& out) {
  if (pending.marked_at) *out.mutable_marked_at() = ToProto(*pending.marked_at);
  if (pending.not_before) *out.mutable_not_before() = ToProto(*pending.not_before);
  out.set_import_rows(pending.import_rows);
  out.set_events_in(pending.inbox_events);
  out.set_events_out(pending.outbox_events);
}

// Joined and left lists with their reasons, which a plan on its own doesn't carry.
void AddReasons(const sync::Explanation& told, v1::PlannedChange& next) {
  for (v1::ListReason& joined : *next.mutable_lists_joined()) {
    for (const sync::ListStory& list : told.lists) {
      if (list.list_id != joined.list_id() || list.reasons.empty()) continue;
      joined.set_name(list.reasons.front().name);
      joined.set_reason(list.reasons.front().why);
    }
  }
  for (v1::ListReason& left : *next.mutable_lists_left()) {
    left.set_reason("nothing is a reason for it any more");
  }
}

}  // namespace

void FillExplanation(const sync::Explanation& told, v1::ContactExplanation& out) {
  out.set_email(told.email);
  out.set_contact_id(told.state.brevo_id);
  out.set_ext_id(told.state.ext_id);
  for (const int64_t id : told.person_ids) out.add_person_ids(id);
  for (const sync::FieldStory& story : told.fields) Fill(story, *out.add_fields());
  for (const sync::ListStory& story : told.lists) Fill(story, *out.add_lists());
  if (told.next) {
    *out.mutable_next() = rpc::ToProto(*told.next);
    AddReasons(told, *out.mutable_next());
  }
  out.set_dirty(told.pending.dirty);
  out.set_email_blocked(told.state.email_blacklisted);
  out.set_sms_blocked(told.state.sms_blacklisted);
  if (told.pipedrive_seen_at) *out.mutable_pipedrive_seen_at() = ToProto(*told.pipedrive_seen_at);
  if (told.brevo_seen_at) *out.mutable_brevo_seen_at() = ToProto(*told.brevo_seen_at);
  Fill(told.pending, *out.mutable_pending());
  for (const Failure& failure : told.failures) {
    const v1::Failure message = rpc::ToProto(failure);
    v1::OpenFailure& added = *out.add_failures();
    added.set_failure_id(message.failure_id());
    added.set_reason(message.reason());
    added.set_field(message.field());
    added.set_detail(message.detail());
    *added.mutable_failed_at() = message.last_failed_at();
  }
  for (const std::string& note : told.notes) out.add_notes(note);
}

grpc::ServerUnaryReactor* ExplainContact(grpc::CallbackServerContext& context,
                                         const InquiryParts& parts,
                                         const v1::ExplainContactRequest& request,
                                         v1::ExplainContactResponse& response) {
  absl::StatusOr<sync::ContactKey> key = ToContactKey(request.key());
  if (!key.ok()) return RefuseInquiry(key.status(), context);
  return InquiryCall<sync::Explanation>::Begin(
      context, parts, request.connection(),
      [key = *std::move(key), refresh = request.refresh()](const worker::Inquiries::Scene& scene) {
        return sync::Explain(scene.accounts, key, refresh ? &scene.call : nullptr);
      },
      [&response](const sync::Explanation& told) {
        FillExplanation(told, *response.mutable_explanation());
      });
}

}  // namespace connector::rpc
