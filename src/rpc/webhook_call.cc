#include "rpc/webhook_call.h"

#include <google/protobuf/util/json_util.h>

#include <cmath>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "rpc/status.h"

namespace connector::rpc {
namespace {

namespace v1 = pipedrive_connector::v1;

// As the doors take; Brevo's batches are larger.
constexpr size_t kLargestBody = size_t{1} << 20;
constexpr size_t kLargestBodyOfBrevo = size_t{4} << 20;

using google::protobuf::Value;

// As JSON with the keys of objects in order: equal messages must be equal texts, and the order in
// which protobuf gives a map is another each time. Its depth is bounded, since protobuf parsed it.
// False for a number that JSON does not have.
bool WriteJson(const Value& value, std::string& out);

bool WriteJson(const google::protobuf::Struct& object, std::string& out) {
  const std::map<std::string, Value> sorted(object.fields().begin(), object.fields().end());
  std::string_view separator = "{";
  for (const auto& [name, value] : sorted) {
    out += separator;
    separator = ",";
    Value key;
    key.set_string_value(name);
    if (!WriteJson(key, out)) return false;
    out += ':';
    if (!WriteJson(value, out)) return false;
  }
  out += sorted.empty() ? "{}" : "}";
  return true;
}

bool WriteJson(const google::protobuf::ListValue& list, std::string& out) {
  std::string_view separator = "[";
  for (const Value& value : list.values()) {
    out += separator;
    separator = ",";
    if (!WriteJson(value, out)) return false;
  }
  out += list.values().empty() ? "[]" : "]";
  return true;
}

bool WriteJson(const Value& value, std::string& out) {
  switch (value.kind_case()) {
    case Value::kStructValue:
      return WriteJson(value.struct_value(), out);
    case Value::kListValue:
      return WriteJson(value.list_value(), out);
    case Value::KIND_NOT_SET:
      out += "null";
      return true;
    default:
      break;
  }
  if (value.kind_case() == Value::kNumberValue && !std::isfinite(value.number_value())) {
    return false;
  }
  std::string scalar;
  if (!google::protobuf::util::MessageToJsonString(value, &scalar).ok()) return false;
  out += scalar;
  return true;
}

absl::StatusOr<std::string> TopicBody(const v1::TopicEvent& event) {
  google::protobuf::Struct body;
  (*body.mutable_fields())["topic"].set_string_value(event.topic());
  *(*body.mutable_fields())["payload"].mutable_struct_value() = event.payload();
  std::string json;
  if (!WriteJson(body, json)) {
    return absl::InvalidArgumentError("topic_event.payload: holds a value that JSON does not have");
  }
  return json;
}

v1::WebhookOutcome ToProto(worker::IntakeOutcome outcome) {
  switch (outcome) {
    case worker::IntakeOutcome::kAccepted:
      return v1::WEBHOOK_OUTCOME_ACCEPTED;
    case worker::IntakeOutcome::kDuplicate:
      return v1::WEBHOOK_OUTCOME_DUPLICATE;
    case worker::IntakeOutcome::kIgnored:
      return v1::WEBHOOK_OUTCOME_IGNORED;
    case worker::IntakeOutcome::kApplied:
      return v1::WEBHOOK_OUTCOME_APPLIED;
  }
  return v1::WEBHOOK_OUTCOME_UNSPECIFIED;
}

class WebhookCall : public grpc::ServerUnaryReactor {
 public:
  WebhookCall(grpc::CallbackServerContext& context, v1::HandleWebhookResponse& response)
      : context_(context), response_(response) {}

  void Start(worker::Intake& intake, worker::Intake::Submission submission) {
    submission.abandoned = gone_.get_token();
    intake.Submit(std::move(submission),
                  [this](const absl::StatusOr<worker::IntakeAnswer>& answer) {
                    if (!answer.ok()) return Fail(answer.status());
                    response_.set_outcome(ToProto(answer->outcome));
                    response_.set_event_id(answer->key);
                    response_.set_detail(answer->detail);
                    Finish(grpc::Status::OK);
                  });
  }
  void Fail(const absl::Status& status) { Finish(ToGrpc(status, context_)); }

  void OnCancel() override { gone_.request_stop(); }
  void OnDone() override { delete this; }

 private:
  grpc::CallbackServerContext& context_;
  v1::HandleWebhookResponse& response_;
  std::stop_source gone_;
};

}  // namespace

absl::StatusOr<worker::Intake::Submission> ToSubmission(const v1::HandleWebhookRequest& request) {
  worker::Intake::Submission submission;
  submission.door = "grpc";
  submission.wait = request.wait();
  submission.source = request.source() == v1::API_BREVO ? store::EventSource::kBrevo
                                                        : store::EventSource::kPipedrive;
  switch (request.event_case()) {
    case v1::HandleWebhookRequest::kBody:
      submission.body = request.body();
      break;
    case v1::HandleWebhookRequest::kTopicEvent: {
      CONNECTOR_ASSIGN_OR_RETURN(submission.body, TopicBody(request.topic_event()));
      break;
    }
    case v1::HandleWebhookRequest::EVENT_NOT_SET:
      return absl::InvalidArgumentError("event: set body or topic_event");
  }
  const size_t largest =
      submission.source == store::EventSource::kBrevo ? kLargestBodyOfBrevo : kLargestBody;
  if (submission.body.size() > largest) {
    return absl::InvalidArgumentError(absl::StrCat("body: is larger than ", largest, " bytes"));
  }
  return submission;
}

grpc::ServerUnaryReactor* TakeWebhook(grpc::CallbackServerContext& context, worker::Runs& runs,
                                      worker::Intake& intake,
                                      const v1::HandleWebhookRequest& request,
                                      v1::HandleWebhookResponse& response) {
  auto* call = new WebhookCall(context, response);
  absl::StatusOr<worker::Intake::Submission> submission = ToSubmission(request);
  absl::StatusOr<std::string> connection = runs.ResolveConnection(request.connection());
  if (!submission.ok()) {
    call->Fail(submission.status());
  } else if (!connection.ok()) {
    call->Fail(connection.status());
  } else {
    submission->connection = *std::move(connection);
    call->Start(intake, *std::move(submission));
  }
  return call;
}

}  // namespace connector::rpc
