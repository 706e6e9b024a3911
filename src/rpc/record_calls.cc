#include "rpc/record_calls.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <stop_token>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "rpc/deadline.h"
#include "rpc/recents_messages.h"
#include "rpc/record_body.h"
#include "rpc/record_messages.h"
#include "rpc/record_queries.h"
#include "rpc/record_reflection.h"
#include "rpc/status.h"

namespace connector::rpc {
namespace {

namespace v1 = pipedrive_connector::v1;

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// For callers without a deadline.
constexpr Duration kLongest = std::chrono::minutes(2);
constexpr int kMostDeleted = 10'000;

// Lives until gRPC is done with it.
class RecordCall : public grpc::ServerUnaryReactor {
 public:
  explicit RecordCall(grpc::CallbackServerContext& context) : context_(context) {}

  std::stop_token gone() const { return gone_.get_token(); }
  void End(const absl::Status& status) {
    Finish(ToGrpc(ForCaller(status, "page_token"), context_));
  }
  void OnCancel() override { gone_.request_stop(); }
  void OnDone() override { delete this; }

 private:
  grpc::CallbackServerContext& context_;
  std::stop_source gone_;
};

std::string ConnectionOf(const Message& request) { return TextOf(request, "connection"); }

bool IsBackground(const Message& request) {
  const FieldDescriptor* field = NamedField(request, "background");
  return field != nullptr && request.GetReflection()->GetBool(request, field);
}

// The first field of a response: the record, or the records of a page.
const FieldDescriptor* FirstField(const Message& message) {
  return message.GetDescriptor()->FindFieldByNumber(1);
}

// The second field of a request: the id, or the record.
const FieldDescriptor* SecondField(const Message& message) {
  return message.GetDescriptor()->FindFieldByNumber(2);
}

// A number as text, or a lead's UUID; INVALID_ARGUMENT if it is missing.
absl::StatusOr<std::string> IdOf(const Message& message, const FieldDescriptor& field,
                                 std::string_view name) {
  const auto* reflection = message.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    std::string id = reflection->GetString(message, &field);
    if (!id.empty()) return id;
  } else if (const int64_t id = reflection->GetInt64(message, &field); id > 0) {
    return std::to_string(id);
  }
  return absl::InvalidArgumentError(absl::StrCat(ToAbsl(name), ": says which record; set it"));
}

absl::Status Fill(absl::StatusOr<Tree::Members> record, Message& response) {
  if (!record.ok()) return record.status();
  FillRecord(*record, *response.GetReflection()->MutableMessage(&response, FirstField(response)));
  return absl::OkStatus();
}

absl::Status CheckNew(RecordKind kind, const Tree::Members& body) {
  const auto has = [&body](std::string_view name) {
    const Tree* value = FindMember(body, name);
    return value != nullptr && value->value != Tree{}.value && *value != Tree{std::string()};
  };
  const auto missing = [](std::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat(ToAbsl(what), ": Pipedrive needs it"));
  };
  switch (kind) {
    case RecordKind::kPerson:
      return has("name") || has("first_name") || has("last_name") ? absl::OkStatus()
                                                                  : missing("person.name");
    case RecordKind::kOrganization:
      return has("name") ? absl::OkStatus() : missing("organization.name");
    case RecordKind::kDeal:
      return has("title") ? absl::OkStatus() : missing("deal.title");
    case RecordKind::kActivity:
      return has("subject") ? absl::OkStatus() : missing("activity.subject");
    case RecordKind::kLead:
      if (!has("title")) return missing("lead.title");
      if (has("is_archived")) {
        return absl::InvalidArgumentError("lead.is_archived: a new lead cannot be archived");
      }
      return has("person_id") || has("organization_id")
                 ? absl::OkStatus()
                 : missing("lead.person_id or lead.organization_id");
  }
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* Refuse(grpc::CallbackServerContext& context, const absl::Status& status) {
  auto* call = new RecordCall(context);
  call->End(status);
  return call;
}

}  // namespace

RecordCalls::Reactor* RecordCalls::Run(Context& context, bool background, Work work) {
  auto* call = new RecordCall(context);
  const Time deadline = DeadlineOf(context, clock_, kLongest);
  const absl::Status posted = pool_.Post(
      deadline, [call, background, deadline, work = std::move(work)](const std::stop_token& stop) {
        std::stop_source either;
        const auto end = [&either] { either.request_stop(); };
        absl::Status outcome;
        {
          const std::stop_callback with_the_pool(stop, end);
          const std::stop_callback with_the_caller(call->gone(), end);
          http::CallContext vendor;
          vendor.priority = background ? quota::Priority::kBackfill : quota::Priority::kInteractive;
          vendor.deadline = deadline;
          vendor.stop = either.get_token();
          outcome = work(vendor);
        }
        // gRPC may be done with the call before this returns.
        call->End(worker::ForCaller(outcome, stop));
      });
  if (!posted.ok()) call->End(posted);
  return call;
}

RecordCalls::Reactor* RecordCalls::List(RecordKind kind, Context& context, const Message& request,
                                        Message& response) {
  absl::StatusOr<RecordsQuery> query = QueryOf(kind, request);
  if (!query.ok()) return Refuse(context, query.status());
  return Run(context, IsBackground(request),
             [this, query = *std::move(query), &request,
              &response](const http::CallContext& vendor) -> absl::Status {
               CONNECTOR_ASSIGN_OR_RETURN(const auto page,
                                          records_.List(ConnectionOf(request), query, vendor));
               const auto* reflection = response.GetReflection();
               for (const auto& record : page.records) {
                 FillRecord(record, *reflection->AddMessage(&response, FirstField(response)));
               }
               reflection->SetString(&response, NamedField(response, "next_page_token"),
                                     PageTokenOf(page.next_cursor, request));
               return absl::OkStatus();
             });
}

RecordCalls::Reactor* RecordCalls::Get(RecordKind kind, Context& context, const Message& request,
                                       Message& response) {
  const FieldDescriptor& field = *SecondField(request);
  absl::StatusOr<std::string> id = IdOf(request, field, field.name());
  if (!id.ok()) return Refuse(context, id.status());
  return Run(context, false,
             [this, kind, id = *std::move(id), &request, &response](const auto& vendor) {
               return Fill(records_.Get(ConnectionOf(request), kind, id, vendor), response);
             });
}

RecordCalls::Reactor* RecordCalls::Write(RecordKind kind, Context& context, const Message& request,
                                         Message& response, bool update) {
  const Message& record = request.GetReflection()->GetMessage(request, SecondField(request));
  std::string id;
  google::protobuf::FieldMask mask;
  if (update) {
    const std::string name = absl::StrCat(ToAbsl(RecordKindName(kind)), ".id");
    absl::StatusOr<std::string> which = IdOf(record, *NamedField(record, "id"), name);
    if (!which.ok()) return Refuse(context, which.status());
    id = *std::move(which);
    mask.CopyFrom(request.GetReflection()->GetMessage(request, NamedField(request, "update_mask")));
  }
  absl::StatusOr<Tree::Members> body = BodyOf(kind, record, &mask);
  if (!body.ok()) return Refuse(context, body.status());
  if (!update) {
    if (absl::Status enough = CheckNew(kind, *body); !enough.ok()) return Refuse(context, enough);
  }
  return Run(context, false,
             [this, kind, update, id, body = *std::move(body), &request,
              &response](const http::CallContext& vendor) {
               const std::string connection = ConnectionOf(request);
               return Fill(update ? records_.Update(connection, kind, id, body, vendor)
                                  : records_.Create(connection, kind, body, vendor),
                           response);
             });
}

RecordCalls::Reactor* RecordCalls::Create(RecordKind kind, Context& context, const Message& request,
                                          Message& response) {
  return Write(kind, context, request, response, false);
}

RecordCalls::Reactor* RecordCalls::Update(RecordKind kind, Context& context, const Message& request,
                                          Message& response) {
  return Write(kind, context, request, response, true);
}

RecordCalls::Reactor* RecordCalls::Delete(RecordKind kind, Context& context,
                                          const Message& request) {
  const FieldDescriptor& field = *SecondField(request);
  absl::StatusOr<std::string> id = IdOf(request, field, field.name());
  if (!id.ok()) return Refuse(context, id.status());
  return Run(context, false, [this, kind, id = *std::move(id), &request](const auto& vendor) {
    return records_.Delete(ConnectionOf(request), kind, id, vendor);
  });
}

RecordCalls::Reactor* RecordCalls::ListPipelines(Context& context,
                                                 const v1::ListPipelinesRequest& request,
                                                 v1::ListPipelinesResponse& response) {
  return Run(context, false, [this, &request, &response](const auto& vendor) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(const auto pipelines,
                               records_.ListPipelines(request.connection(), vendor));
    for (const Pipeline& pipeline : pipelines) {
      v1::Pipeline& out = *response.add_pipelines();
      out.set_id(pipeline.id);
      out.set_name(pipeline.name);
      out.set_order(pipeline.order);
    }
    return absl::OkStatus();
  });
}

RecordCalls::Reactor* RecordCalls::ListStages(Context& context,
                                              const v1::ListStagesRequest& request,
                                              v1::ListStagesResponse& response) {
  return Run(context, false, [this, &request, &response](const auto& vendor) -> absl::Status {
    CONNECTOR_ASSIGN_OR_RETURN(auto stages, records_.ListStages(request.connection(), vendor));
    std::sort(stages.begin(), stages.end(), [](const Stage& a, const Stage& b) {
      return std::tie(a.pipeline_id, a.order, a.id) < std::tie(b.pipeline_id, b.order, b.id);
    });
    for (const Stage& stage : stages) {
      if (request.pipeline_id() != 0 && stage.pipeline_id != request.pipeline_id()) continue;
      v1::Stage& out = *response.add_stages();
      out.set_id(stage.id);
      out.set_name(stage.name);
      out.set_pipeline_id(stage.pipeline_id);
      out.set_order(stage.order);
      out.set_probability(stage.probability.value_or(0));
    }
    return absl::OkStatus();
  });
}

RecordCalls::Reactor* RecordCalls::ListFields(Context& context,
                                              const v1::ListFieldsRequest& request,
                                              v1::ListFieldsResponse& response) {
  const absl::StatusOr<RecordKind> kind = KindOf(request.kind(), "kind");
  if (!kind.ok()) return Refuse(context, kind.status());
  return Run(context, false,
             [this, kind = *kind, &request, &response](const auto& vendor) -> absl::Status {
               CONNECTOR_ASSIGN_OR_RETURN(const auto fields,
                                          records_.ListFields(request.connection(), kind, vendor));
               for (const PipedriveField& field : fields) {
                 v1::FieldDefinition& out = *response.add_fields();
                 out.set_key(field.key);
                 out.set_name(field.name);
                 out.set_type(field.type);
                 out.set_is_custom(field.is_custom);
                 for (const FieldOption& option : field.options) {
                   v1::FieldOption& choice = *out.add_options();
                   choice.set_id(option.id);
                   choice.set_label(option.label);
                 }
               }
               return absl::OkStatus();
             });
}

RecordCalls::Reactor* RecordCalls::Merge(Context& context, const v1::MergePersonsRequest& request,
                                         v1::MergePersonsResponse& response) {
  for (const auto& [id, name] : {std::pair(request.person_id(), "person_id"),
                                 std::pair(request.into_person_id(), "into_person_id")}) {
    if (id <= 0) {
      return Refuse(context, absl::InvalidArgumentError(absl::StrCat(name, ": must be set")));
    }
  }
  if (request.person_id() == request.into_person_id()) {
    return Refuse(context, absl::InvalidArgumentError(
                               "into_person_id: a person cannot be merged with itself"));
  }
  return Run(context, false, [this, &request, &response](const auto& vendor) {
    return Fill(
        records_.Merge(request.connection(), request.person_id(), request.into_person_id(), vendor),
        response);
  });
}

RecordCalls::Reactor* RecordCalls::BulkDelete(Context& context,
                                              const v1::BulkDeleteRequest& request,
                                              v1::BulkDeleteResponse& response) {
  absl::StatusOr<RecordKind> kind = KindOf(request.kind(), "kind");
  if (kind.ok() && *kind == RecordKind::kLead) {
    kind = absl::InvalidArgumentError("kind: leads are deleted one by one, with DeleteLead");
  }
  if (!kind.ok()) return Refuse(context, kind.status());
  std::vector<int64_t> ids(request.ids().begin(), request.ids().end());
  if (ids.empty() || ids.size() > kMostDeleted) {
    return Refuse(context, absl::InvalidArgumentError("ids: must be 1 to 10,000"));
  }
  if (*std::min_element(ids.begin(), ids.end()) <= 0) {
    return Refuse(context, absl::InvalidArgumentError("ids: must be positive"));
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return Run(context, false,
             [this, kind = *kind, ids = std::move(ids), &request,
              &response](const http::CallContext& vendor) -> absl::Status {
               CONNECTOR_ASSIGN_OR_RETURN(
                   const auto done, records_.BulkDelete(request.connection(), kind, ids, vendor));
               for (const int64_t id : done.deleted) response.add_deleted_ids(id);
               for (const int64_t id : done.remaining) response.add_remaining_ids(id);
               return absl::OkStatus();
             });
}

RecordCalls::Reactor* RecordCalls::ListRecents(Context& context,
                                               const v1::ListRecentsRequest& request,
                                               v1::ListRecentsResponse& response) {
  absl::StatusOr<RecentsQuery> query = RecentsOf(request, clock_.Now());
  if (!query.ok()) return Refuse(context, query.status());
  return Run(context, request.background(),
             [this, query = *std::move(query), &request,
              &response](const http::CallContext& vendor) -> absl::Status {
               CONNECTOR_ASSIGN_OR_RETURN(
                   const auto page, records_.ListRecents(request.connection(), query, vendor));
               for (size_t i = 0; i < page.records.size(); ++i) {
                 FillRecord(page.records[i], RecordOf(page.kinds[i], *response.add_changes()));
               }
               response.set_next_page_token(PageTokenOf(page.next_cursor, request));
               return absl::OkStatus();
             });
}

}  // namespace connector::rpc
