#include "worker/stages.h"

#include <utility>

#include "base/status.h"
#include "sync/planning.h"

namespace connector::worker {
namespace {

absl::StatusOr<sync::StageAnswer> Answer(const sync::Accounts& accounts,
                                         const sync::StageQuestion& question,
                                         const http::CallContext& call, std::string owner) {
  CONNECTOR_ASSIGN_OR_RETURN(
      const sync::Planning planning,
      sync::LoadPlanning(accounts, accounts.store, call, call, sync::Schema::kStored));
  return sync::MapStage(accounts, planning, question, {call, call, std::move(owner)});
}

}  // namespace

void Stages::Ask(std::string_view connection, const sync::StageQuestion& question, Time deadline,
                 std::stop_token cancelled, Done done) {
  const sync::Accounts& accounts = *connections_.Find(connection);
  const auto shared = std::make_shared<Done>(std::move(done));
  const absl::Status refused =
      pool_.Post(deadline, [&accounts, question, deadline, cancelled, shared,
                            owner = random_.Hex(8)](const std::stop_token& stop) {
        std::stop_source either;
        const auto end = [&either] { either.request_stop(); };
        const std::stop_callback with_the_pool(stop, end);
        const std::stop_callback with_the_caller(cancelled, end);
        http::CallContext call;
        call.priority = quota::Priority::kInteractive;
        call.deadline = deadline;
        call.stop = either.get_token();
        absl::StatusOr<sync::StageAnswer> answer = Answer(accounts, question, call, owner);
        if (!answer.ok()) answer = ForCaller(answer.status(), stop);
        (*shared)(answer);
      });
  if (!refused.ok()) (*shared)(refused);
}

}  // namespace connector::worker
