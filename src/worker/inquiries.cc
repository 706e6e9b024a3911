#include "worker/inquiries.h"

namespace connector::worker {

void Inquiries::Ask(std::string_view connection, Time deadline, std::stop_token cancelled,
                    Work work, Done done) {
  const sync::Accounts& accounts = *connections_.Find(connection);
  const auto shared = std::make_shared<Done>(std::move(done));
  const absl::Status refused =
      pool_.Post(deadline, [&accounts, deadline, cancelled, shared, work = std::move(work),
                            owner = random_.Hex(8)](const std::stop_token& stop) {
        std::stop_source either;
        const auto end = [&either] { either.request_stop(); };
        const std::stop_callback with_the_pool(stop, end);
        const std::stop_callback with_the_caller(cancelled, end);
        Scene scene{.accounts = accounts, .call = {}, .owner = owner};
        scene.call.priority = quota::Priority::kInteractive;
        scene.call.deadline = deadline;
        scene.call.stop = either.get_token();
        (*shared)(ForCaller(work(scene), stop));
      });
  if (!refused.ok()) (*shared)(refused);
}

}  // namespace connector::worker
