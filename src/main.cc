// Picks a subcommand. What the command line can't build itself comes from app/.

#include "app/live_clients.h"
#include "app/serve.h"
#include "cli/cli.h"

int main(int argc, char** argv) {
  connector::cli::Hooks hooks;
  hooks.live = connector::app::MakeLiveClients;
  hooks.serve = connector::app::Serve;
  hooks.backup = connector::app::BackUp;
  return connector::cli::Main(argc, argv, hooks);
}
