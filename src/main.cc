// Picks a subcommand. What the command line can't build itself comes from app/.

#include <iostream>

#include "app/live_clients.h"
#include "cli/cli.h"
#if __has_include("app/serve.h")
#include "app/serve.h"
#endif

int main(int argc, char** argv) {
  connector::cli::Hooks hooks;
  hooks.live = connector::app::MakeLiveClients;
#if __has_include("app/serve.h")
  hooks.serve = connector::app::Serve;
#else
  hooks.serve = [](const connector::config::Config&) {
    std::cerr << "this build has no service\n";
    return 1;
  };
#endif
  return connector::cli::Main(argc, argv, hooks);
}
