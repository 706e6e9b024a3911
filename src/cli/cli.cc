#include "cli/cli.h"

#include <iostream>

#include "base/log.h"
#include "cli/arguments.h"
#include "cli/call.h"

namespace connector::cli {
namespace {

// A connection that died without a word is noticed after about this long.
constexpr int kKeepaliveMs = 60'000;

std::shared_ptr<grpc::ChannelInterface> MakeChannel(const std::string& address) {
  grpc::ChannelArguments options;
  options.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  options.SetMaxReceiveMessageSize(64 << 20);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), options);
}

int Check(const Arguments& arguments, const Hooks& hooks, Terminal& terminal) {
  const config::Loaded loaded = config::Load(arguments.config_path, config::ProcessEnvironment());
  std::vector<Finding> findings = FromProblems(arguments.config_path, loaded.problems);
  if (loaded.ok() && arguments.live) {
    for (const config::Connection& connection : loaded.config.connections) {
      if (!connection.pipedrive.enabled) continue;
      std::vector<Finding> live = CheckLive(loaded.config, connection, hooks.live, arguments.fix);
      std::move(live.begin(), live.end(), std::back_inserter(findings));
    }
  }
  PrintFindings(findings, arguments.json, terminal);
  return ExitCode(findings);
}

int Serve(const Arguments& arguments, const Hooks& hooks, Terminal& terminal) {
  const config::Loaded loaded = config::Load(arguments.config_path, config::ProcessEnvironment());
  if (!loaded.ok()) {
    // Standard output is for what a supervisor waits for.
    Terminal complaints{terminal.err, terminal.err, false, false, terminal.width};
    PrintFindings(FromProblems(arguments.config_path, loaded.problems), false, complaints);
  }
  if (!loaded.ok()) return 1;
  const SystemClock clock;
  const Logger log(clock, LogLevel::kWarning);
  for (const config::Problem& problem : loaded.problems) {
    log.Warning("configuration",
                {{"line", problem.line}, {"key", problem.key}, {"text", problem.text}});
  }
  return hooks.serve(loaded.config);
}

}  // namespace

int Main(int argc, const char* const* argv, const Hooks& hooks) {
  ParsedArguments parsed = ParseArguments(argc, argv);
  if (!parsed.arguments) {
    (parsed.exit_code == 0 ? std::cout : std::cerr) << parsed.text;
    return parsed.exit_code;
  }
  const Arguments& arguments = *parsed.arguments;
  Terminal terminal = ProcessTerminal();
  switch (arguments.verb) {
    case Verb::kServe:
      return Serve(arguments, hooks, terminal);
    case Verb::kCheck:
      return Check(arguments, hooks, terminal);
    default: {
      const SystemClock clock;
      return RunCall({arguments, MakeChannel(arguments.address), clock, terminal});
    }
  }
}

}  // namespace connector::cli
