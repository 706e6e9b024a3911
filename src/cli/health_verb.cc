// `health`: for probes of containers, which have no other client at hand.

#include <google/protobuf/unknown_field_set.h>
#include <grpcpp/generic/generic_stub.h>

#include <ostream>
#include <string>

#include "cli/call.h"

namespace connector::cli {
namespace {

// A probe's own patience is of this order.
constexpr Duration kHealthDeadline = std::chrono::seconds(5);

// Health checking has no generated code here. Its request may be empty, which asks for the server
// as a whole; the answer's field 1 is an enum, with 1 for SERVING.
constexpr char kCheck[] = "/grpc.health.v1.Health/Check";
constexpr int kStatusField = 1;
constexpr uint64_t kServing = 1;

bool IsServing(const grpc::ByteBuffer& answer) {
  grpc::Slice slice;
  if (!answer.DumpToSingleSlice(&slice).ok()) return false;
  google::protobuf::UnknownFieldSet fields;
  if (!fields.ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) return false;
  bool serving = false;
  for (int i = 0; i < fields.field_count(); ++i) {
    const google::protobuf::UnknownField& field = fields.field(i);
    if (field.number() != kStatusField) continue;
    if (field.type() != google::protobuf::UnknownField::TYPE_VARINT) return false;
    serving = field.varint() == kServing;
  }
  return serving;
}

}  // namespace

int Health(const CallScene& scene) {
  grpc::GenericStub stub(scene.channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::time_point_cast<std::chrono::system_clock::duration>(
      scene.clock.Now() + kHealthDeadline));
  const grpc::Slice nothing;
  const grpc::ByteBuffer request(&nothing, 1);
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareUnaryCall(&context, kCheck, request, &queue);
  call->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  if (!status.ok()) return ReportError(status, scene);
  const bool serving = IsServing(answer);
  if (scene.arguments.json) {
    scene.terminal.out << "{\"serving\":" << (serving ? "true" : "false") << "}\n";
  } else {
    scene.terminal.out << (serving ? "serving\n" : "not serving\n");
  }
  return serving ? 0 : 1;
}

}  // namespace connector::cli
