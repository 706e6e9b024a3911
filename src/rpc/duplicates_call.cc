#include "rpc/duplicates_call.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "rpc/run_messages.h"
#include "sync/duplicates.h"

namespace connector::rpc {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kLargestPage = 500;
constexpr int kMostMerges = 20;

absl::Status CheckMerge(const v1::MergeDuplicatesRequest& request) {
  if (!request.confirm()) {
    return absl::InvalidArgumentError("confirm: must be true; a merge can't be undone");
  }
  if (request.keep_person_id() <= 0) {
    return absl::InvalidArgumentError("keep_person_id: must be a positive id");
  }
  if (request.merge_person_ids().empty() || request.merge_person_ids_size() > kMostMerges) {
    return absl::InvalidArgumentError(
        absl::StrCat("merge_person_ids: must be 1 to ", kMostMerges, " ids"));
  }
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* ListDuplicates(grpc::CallbackServerContext& context,
                                         const InquiryParts& parts,
                                         const v1::ListDuplicatesRequest& request,
                                         v1::ListDuplicatesResponse& response) {
  int64_t after = 0;
  if (request.page_size() < 0) {
    return RefuseInquiry(absl::InvalidArgumentError("page_size: must not be negative"), context);
  }
  if (!request.page_token().empty() &&
      (!absl::SimpleAtoi(request.page_token(), &after) || after < 0)) {
    return RefuseInquiry(absl::InvalidArgumentError("page_token: not one of this service's"),
                         context);
  }
  const int size =
      request.page_size() == 0 ? kDefaultPage : std::min<int>(request.page_size(), kLargestPage);
  return InquiryCall<sync::DuplicatesPage>::Begin(
      context, parts, request.connection(),
      [after, size](const worker::Inquiries::Scene& scene) {
        return sync::ListDuplicates(scene.accounts, after, size);
      },
      [&response](const sync::DuplicatesPage& page) {
        for (const sync::DuplicateGroup& group : page.groups) {
          v1::DuplicateGroup& added = *response.add_groups();
          added.set_email(group.email);
          for (const int64_t id : group.person_ids) added.add_person_ids(id);
        }
        if (page.last_key != 0) response.set_next_page_token(absl::StrCat(page.last_key));
      });
}

grpc::ServerUnaryReactor* MergeDuplicates(grpc::CallbackServerContext& context,
                                          const InquiryParts& parts,
                                          const v1::MergeDuplicatesRequest& request,
                                          v1::MergeDuplicatesResponse& response) {
  if (absl::Status good = CheckMerge(request); !good.ok()) return RefuseInquiry(good, context);
  return InquiryCall<sync::MergeOutcome>::Begin(
      context, parts, request.connection(),
      [keep = request.keep_person_id(),
       others = std::vector<int64_t>(request.merge_person_ids().begin(),
                                     request.merge_person_ids().end())](
          const worker::Inquiries::Scene& scene) {
        return sync::MergeDuplicates(scene.accounts, keep, others, scene.call);
      },
      [&response](const sync::MergeOutcome& outcome) {
        for (const int64_t id : outcome.merged) response.add_merged_person_ids(id);
        for (const Failure& failure : outcome.failures) {
          *response.add_failures() = ToProto(failure);
        }
      });
}

}  // namespace connector::rpc
