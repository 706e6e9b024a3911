#include "app/serve.h"

#include <malloc.h>

#include <csignal>
#include <iostream>

#include "absl/strings/str_split.h"
#include "app/app.h"
#include "base/strings.h"
#include "cli/version.h"
#include "store/sqlite_backup.h"

namespace connector::app {

// Above this, memory is taken from the system for one use and given back after it. By itself glibc
// raises the threshold to the largest block freed so far, up to 32 MiB; import bodies and pages
// would then be cut from the heap, and what is freed between them stays as holes.
constexpr int kLargeBlock = 256 * 1024;

int Serve(const config::Config& config, const std::function<config::Loaded()>& reload) {
  mallopt(M_MMAP_THRESHOLD, kLargeBlock);
  // Blocked before the first thread starts, so that every thread leaves them to the wait below.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  // A limit on the size of files is a full disk like any other: the write fails.
  std::signal(SIGXFSZ, SIG_IGN);

  App app(config, reload);
  for (const auto line : absl::StrSplit(config::Describe(config), '\n', absl::SkipEmpty())) {
    app.log().Debug("configuration", {{"value", ToStd(line)}});
  }
  if (const absl::Status started = app.Start(); !started.ok()) {
    std::cerr << "cannot start: " << started.message() << '\n';
    return 1;
  }
  app.log().Info("ready", {{"version", cli::kVersion}, {"addresses", app.Addresses()}});
  std::cout << "ready " << app.Addresses() << std::endl;
  int signal = 0;
  while (sigwait(&signals, &signal) != 0 || signal == SIGHUP) app.ReloadSecrets();
  app.log().Info("stopping", {{"signal", signal}});
  app.Stop();
  app.log().Info("stopped");
  return 0;
}

absl::Status BackUp(const config::Config& config, const std::string& to) {
  constexpr std::string_view kSqlite = "sqlite:";
  if (!config.store_url.starts_with(kSqlite)) {
    return absl::UnimplementedError("store.url: only SQLite is copied; use pg_dump");
  }
  return store::BackUpSqlite(config.store_url.substr(kSqlite.size()), to);
}

}  // namespace connector::app
