#include <google/protobuf/util/time_util.h>

#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/call.h"
#include "cli/table.h"
#include "pipedrive_connector/v1/operations.grpc.pb.h"

namespace connector::cli {
namespace {

namespace v1 = ::pipedrive_connector::v1;

std::string Head(const v1::ContactExplanation& told) {
  std::string text = told.email().empty() ? "no e-mail" : Printable(told.email());
  if (told.contact_id() != 0) absl::StrAppend(&text, ", Brevo contact ", told.contact_id());
  if (!told.ext_id().empty()) absl::StrAppend(&text, ", ", Printable(told.ext_id()));
  if (!told.person_ids().empty()) {
    absl::StrAppend(&text, ", person ", absl::StrJoin(told.person_ids(), ", "));
  }
  if (told.email_blocked()) text += ", e-mail blocked";
  if (told.sms_blocked()) text += ", SMS blocked";
  return text + "\n";
}

std::string Fields(const v1::ContactExplanation& told) {
  if (told.fields().empty()) return "";
  Table table({"FIELD", "ATTRIBUTE", "PIPEDRIVE", "BREVO", "NEXT"});
  for (const v1::FieldExplanation& field : told.fields()) {
    table.Add({Printable(field.field()), Printable(field.attribute()),
               Printable(field.pipedrive_value()), Printable(field.brevo_value()),
               Printable(field.verdict())});
  }
  return table.Text();
}

std::string PlaceOf(const v1::ListExplanation& list) {
  if (list.withheld()) return "left by its own hand";
  if (list.member()) return list.ours() ? "on it, ours" : "on it";
  return "not on it";
}

std::string Lists(const v1::ContactExplanation& told) {
  if (told.lists().empty()) return "";
  Table table({"LIST", "NAME", "PLACE", "WANTED", "REASONS"});
  for (const v1::ListExplanation& list : told.lists()) {
    const std::string reasons =
        absl::StrJoin(list.reasons(), "; ", [](std::string* out, const v1::ListReason& reason) {
          absl::StrAppend(out, Printable(reason.reason()));
        });
    table.Add({absl::StrCat(list.list_id()), Printable(list.name()), PlaceOf(list),
               list.wanted() ? "yes" : "no", reasons});
  }
  return table.Text();
}

std::string ActionName(v1::PlannedAction action) {
  switch (action) {
    case v1::PLANNED_ACTION_CREATE:
      return "creates the contact";
    case v1::PLANNED_ACTION_UPDATE:
      return "updates the contact";
    case v1::PLANNED_ACTION_DELETE:
      return "deletes the contact";
    case v1::PLANNED_ACTION_SKIP:
      return "leaves it alone";
    default:
      return "writes nothing to Brevo";
  }
}

std::string Next(const v1::ContactExplanation& told) {
  if (!told.has_next()) return "next sync: nothing is to be done\n";
  std::string text = absl::StrCat("next sync: ", ActionName(told.next().action()));
  if (told.next().skip_reason() != v1::SKIP_REASON_UNSPECIFIED) {
    absl::StrAppend(&text, ", ", v1::SkipReason_Name(told.next().skip_reason()));
  }
  if (!told.next().reason().empty()) absl::StrAppend(&text, ": ", Printable(told.next().reason()));
  return text + "\n";
}

std::string Pending(const v1::ContactExplanation& told) {
  const v1::PendingWork& pending = told.pending();
  std::string text;
  if (told.dirty()) {
    absl::StrAppend(&text, "a change waits since ",
                    google::protobuf::util::TimeUtil::ToString(pending.marked_at()), "\n");
  }
  if (pending.import_rows() > 0)
    absl::StrAppend(&text, "rows in imports: ", pending.import_rows(), "\n");
  if (pending.events_in() > 0)
    absl::StrAppend(&text, "events not handled: ", pending.events_in(), "\n");
  if (pending.events_out() > 0)
    absl::StrAppend(&text, "events not sent: ", pending.events_out(), "\n");
  for (const v1::OpenFailure& failure : told.failures()) {
    absl::StrAppend(&text, "failed: ", v1::FailureReason_Name(failure.reason()), " ",
                    Printable(failure.field()), " ", Printable(failure.detail()), "\n");
  }
  for (const std::string& note : told.notes())
    absl::StrAppend(&text, "note: ", Printable(note), "\n");
  return text;
}

int Explain(const CallScene& scene, v1::ExplainContactRequest request) {
  const auto stub = v1::Operations::NewStub(scene.channel);
  request.set_connection(scene.arguments.connection);
  request.set_refresh(scene.arguments.refresh);
  grpc::ClientContext context;
  SetDeadline(context, scene.clock);
  v1::ExplainContactResponse response;
  const grpc::Status status = stub->ExplainContact(&context, request, &response);
  if (!status.ok()) return ReportError(status, scene);
  if (scene.arguments.json) {
    scene.terminal.out << JsonLine(response);
    return 0;
  }
  const v1::ContactExplanation& told = response.explanation();
  scene.terminal.out << Head(told) << Fields(told) << Lists(told) << Next(told) << Pending(told);
  return 0;
}

}  // namespace

int ExplainPerson(const CallScene& scene) {
  v1::ExplainContactRequest request;
  request.mutable_key()->set_person_id(scene.arguments.id);
  return Explain(scene, std::move(request));
}

int ExplainContact(const CallScene& scene) {
  v1::ExplainContactRequest request;
  request.mutable_key()->set_email(scene.arguments.email);
  return Explain(scene, std::move(request));
}

}  // namespace connector::cli
