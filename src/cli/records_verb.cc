// records list|get|create|update|delete, pipelines, stages, fields.
//
// The methods of PipedriveRecords are found by name, so that one code serves every kind.

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/call.h"
#include "cli/table.h"
#include "pipedrive_connector/v1/records.grpc.pb.h"

namespace connector::cli {
namespace {

namespace v1 = ::pipedrive_connector::v1;

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Struct;

// Pipedrive's own limit of a page of records.
constexpr int kLargestPage = 500;

std::string Title(const std::string& word) {
  std::string title = word;
  title[0] = absl::ascii_toupper(static_cast<unsigned char>(title[0]));
  return title;
}

std::string Plural(const std::string& kind) {
  return kind == "activity" ? "activities" : kind + "s";
}

// "ListPersons", "GetPerson".
std::string MethodOf(const Arguments& arguments) {
  return Title(arguments.action) +
         Title(arguments.action == "list" ? Plural(arguments.kind) : arguments.kind);
}

std::unique_ptr<Message> NewMessage(const std::string& name) {
  const auto* type = v1::ListPersonsRequest::descriptor()->file()->pool()->FindMessageTypeByName(
      "pipedrive_connector.v1." + name);
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

const FieldDescriptor* FieldOf(const Message& message, int number) {
  return message.GetDescriptor()->FindFieldByNumber(number);
}

grpc::Status CallByName(const CallScene& scene, const std::string& method, const Message& request,
                        Message& response) {
  grpc::ClientContext context;
  SetDeadline(context, scene.clock);
  const std::string bytes = request.SerializeAsString();
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer sent(&slice, 1);
  grpc::ByteBuffer received;
  grpc::GenericStub stub(scene.channel);
  grpc::CompletionQueue queue;
  grpc::Status status;
  const auto call = stub.PrepareUnaryCall(
      &context, absl::StrCat("/", v1::PipedriveRecords::service_full_name(), "/", method), sent,
      &queue);
  call->StartCall();
  call->Finish(&received, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  if (!status.ok()) return status;
  std::vector<grpc::Slice> slices;
  if (!received.Dump(&slices).ok()) return {grpc::StatusCode::INTERNAL, "an unreadable answer"};
  std::string answer;
  for (const grpc::Slice& part : slices) {
    answer.append(reinterpret_cast<const char*>(part.begin()), part.size());
  }
  if (response.ParseFromString(answer)) return grpc::Status::OK;
  return {grpc::StatusCode::INTERNAL, "an unreadable answer"};
}

grpc::Status Wrong(const std::string& text) { return {grpc::StatusCode::INVALID_ARGUMENT, text}; }

// A filter's text as its field takes it.
grpc::Status AddFilter(const std::string& filter, Message& request) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(filter, absl::MaxSplits('=', 1));
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(parts.first);
  if (field == nullptr) return Wrong(absl::StrCat("--where: there is no filter ", parts.first));
  Struct json;
  auto& value = (*json.mutable_fields())[parts.first];
  if (field->is_repeated()) {
    for (const auto part : absl::StrSplit(parts.second, ',')) {
      value.mutable_list_value()->add_values()->set_string_value(std::string(part));
    }
  } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
    value.set_bool_value(parts.second == "true" || parts.second == "yes" || parts.second == "1");
  } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    value.set_string_value("DEAL_STATUS_" + absl::AsciiStrToUpper(parts.second));
  } else {
    value.set_string_value(parts.second);
  }
  std::string text;
  const std::unique_ptr<Message> one(request.New());
  if (!google::protobuf::util::MessageToJsonString(json, &text).ok() ||
      !google::protobuf::util::JsonStringToMessage(text, one.get()).ok()) {
    return Wrong(absl::StrCat("--where ", parts.first, ": cannot be ", parts.second));
  }
  request.MergeFrom(*one);
  return grpc::Status::OK;
}

// The record from the JSON, and into `paths` which fields it names.
grpc::Status ReadData(const std::string& data, Message& record, std::vector<std::string>& paths) {
  Struct json;
  if (!google::protobuf::util::JsonStringToMessage(data, &json).ok()) {
    return Wrong("--data: is not a JSON object");
  }
  const auto read = google::protobuf::util::JsonStringToMessage(data, &record);
  if (!read.ok()) return Wrong(absl::StrCat("--data: ", std::string(read.message())));
  for (const auto& [name, value] : json.fields()) {
    if (name != "custom_fields" || !value.has_struct_value()) {
      paths.push_back(name);
      continue;
    }
    for (const auto& [field, own] : value.struct_value().fields()) {
      paths.push_back(absl::StrCat("custom_fields.", field));
    }
  }
  return grpc::Status::OK;
}

grpc::Status FillId(const Arguments& arguments, const FieldDescriptor& field, Message& message) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    message.GetReflection()->SetString(&message, &field, arguments.record_id);
    return grpc::Status::OK;
  }
  int64_t id = 0;
  if (!absl::SimpleAtoi(arguments.record_id, &id)) return Wrong("the id must be a number");
  message.GetReflection()->SetInt64(&message, &field, id);
  return grpc::Status::OK;
}

grpc::Status FillRequest(const Arguments& arguments, Message& request) {
  const auto* reflection = request.GetReflection();
  reflection->SetString(&request, FieldOf(request, 1), arguments.connection);
  const FieldDescriptor& second = *FieldOf(request, 2);
  if (arguments.action == "get" || arguments.action == "delete") {
    return FillId(arguments, second, request);
  }
  if (arguments.action == "list") {
    const auto* type = request.GetDescriptor();
    reflection->SetInt32(&request, type->FindFieldByName("page_size"),
                         std::min(arguments.limit, kLargestPage));
    reflection->SetBool(&request, type->FindFieldByName("background"), arguments.background);
    for (const std::string& filter : arguments.where) {
      if (grpc::Status status = AddFilter(filter, request); !status.ok()) return status;
    }
    return grpc::Status::OK;
  }
  Message& record = *reflection->MutableMessage(&request, &second);
  std::vector<std::string> paths;
  if (grpc::Status status = ReadData(arguments.data, record, paths); !status.ok()) return status;
  if (arguments.action == "create") return grpc::Status::OK;
  google::protobuf::FieldMask mask;
  for (const std::string& path : paths) mask.add_paths(path);
  reflection->MutableMessage(&request, FieldOf(request, 3))->CopyFrom(mask);
  return FillId(arguments, *FieldOf(record, 1), record);
}

std::string CellOf(const Message& record, const FieldDescriptor* field) {
  if (field == nullptr) return "";
  const auto* reflection = record.GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    return Printable(reflection->GetString(record, field));
  }
  const int64_t number = reflection->GetInt64(record, field);
  return number == 0 ? "" : std::to_string(number);
}

const FieldDescriptor* NameField(const Message& record) {
  for (const char* name : {"name", "title", "subject"}) {
    const FieldDescriptor* field = record.GetDescriptor()->FindFieldByName(name);
    if (field != nullptr) return field;
  }
  return nullptr;
}

int ListRecords(const CallScene& scene, Message& request) {
  const std::unique_ptr<Message> response = NewMessage(MethodOf(scene.arguments) + "Response");
  Table table({"ID", "NAME", "OWNER"});
  int left = scene.arguments.limit;
  std::string token;
  do {
    request.GetReflection()->SetString(
        &request, request.GetDescriptor()->FindFieldByName("page_token"), token);
    response->Clear();
    const grpc::Status status = CallByName(scene, MethodOf(scene.arguments), request, *response);
    if (!status.ok()) return ReportError(status, scene);
    const auto* reflection = response->GetReflection();
    const FieldDescriptor* records = FieldOf(*response, 1);
    for (int i = 0; i < reflection->FieldSize(*response, records) && left > 0; ++i, --left) {
      const Message& record = reflection->GetRepeatedMessage(*response, records, i);
      if (scene.arguments.json) scene.terminal.out << JsonLine(record);
      table.Add({CellOf(record, FieldOf(record, 1)), CellOf(record, NameField(record)),
                 CellOf(record, record.GetDescriptor()->FindFieldByName("owner_id"))});
    }
    token = reflection->GetString(*response, FieldOf(*response, 2));
  } while (left > 0 && !token.empty());
  if (scene.arguments.json) return 0;
  scene.terminal.out << (left < scene.arguments.limit ? table.Text() : "no records\n");
  return 0;
}

}  // namespace

int Records(const CallScene& scene) {
  const std::string method = MethodOf(scene.arguments);
  const std::unique_ptr<Message> request = NewMessage(method + "Request");
  if (const grpc::Status wrong = FillRequest(scene.arguments, *request); !wrong.ok()) {
    return ReportError(wrong, scene);
  }
  if (scene.arguments.action == "list") return ListRecords(scene, *request);
  const std::unique_ptr<Message> response = NewMessage(method + "Response");
  const grpc::Status status = CallByName(scene, method, *request, *response);
  if (!status.ok()) return ReportError(status, scene);
  if (scene.arguments.action == "delete") {
    scene.terminal.out << (scene.arguments.json ? JsonLine(*response) : "deleted\n");
    return 0;
  }
  const Message& record = response->GetReflection()->GetMessage(*response, FieldOf(*response, 1));
  scene.terminal.out << (scene.arguments.json ? JsonLine(record) : JsonText(record));
  return 0;
}

int Pipelines(const CallScene& scene) {
  grpc::ClientContext context;
  SetDeadline(context, scene.clock);
  v1::ListPipelinesRequest request;
  request.set_connection(scene.arguments.connection);
  v1::ListPipelinesResponse response;
  const grpc::Status status =
      v1::PipedriveRecords::NewStub(scene.channel)->ListPipelines(&context, request, &response);
  if (!status.ok()) return ReportError(status, scene);
  Table table({"ID", "PIPELINE"});
  for (const v1::Pipeline& pipeline : response.pipelines()) {
    if (scene.arguments.json) scene.terminal.out << JsonLine(pipeline);
    table.Add({std::to_string(pipeline.id()), Printable(pipeline.name())});
  }
  if (!scene.arguments.json) scene.terminal.out << table.Text();
  return 0;
}

int Stages(const CallScene& scene) {
  grpc::ClientContext context;
  SetDeadline(context, scene.clock);
  v1::ListStagesRequest request;
  request.set_connection(scene.arguments.connection);
  request.set_pipeline_id(scene.arguments.id);
  v1::ListStagesResponse response;
  const grpc::Status status =
      v1::PipedriveRecords::NewStub(scene.channel)->ListStages(&context, request, &response);
  if (!status.ok()) return ReportError(status, scene);
  Table table({"ID", "STAGE", "PIPELINE"});
  for (const v1::Stage& stage : response.stages()) {
    if (scene.arguments.json) scene.terminal.out << JsonLine(stage);
    table.Add(
        {std::to_string(stage.id()), Printable(stage.name()), std::to_string(stage.pipeline_id())});
  }
  if (!scene.arguments.json) scene.terminal.out << table.Text();
  return 0;
}

int Fields(const CallScene& scene) {
  grpc::ClientContext context;
  SetDeadline(context, scene.clock);
  v1::ListFieldsRequest request;
  request.set_connection(scene.arguments.connection);
  v1::RecordKind kind = v1::RECORD_KIND_UNSPECIFIED;
  v1::RecordKind_Parse("RECORD_KIND_" + absl::AsciiStrToUpper(scene.arguments.kind), &kind);
  request.set_kind(kind);
  v1::ListFieldsResponse response;
  const grpc::Status status =
      v1::PipedriveRecords::NewStub(scene.channel)->ListFields(&context, request, &response);
  if (!status.ok()) return ReportError(status, scene);
  Table table({"NAME", "TYPE", "KEY"});
  for (const v1::FieldDefinition& field : response.fields()) {
    if (scene.arguments.json) scene.terminal.out << JsonLine(field);
    table.Add({Printable(field.name()), Printable(field.type()), Printable(field.key())});
  }
  if (!scene.arguments.json) scene.terminal.out << table.Text();
  return 0;
}

}  // namespace connector::cli
