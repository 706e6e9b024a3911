#include "cli/cli.h"

#include <cstdlib>
#include <iostream>

#include "base/log.h"
#include "cli/arguments.h"
#include "cli/call.h"
#include "cli/channel.h"

namespace connector::cli {
namespace {

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
  return hooks.serve(loaded.config, [path = arguments.config_path] {
    return config::Load(path, config::ProcessEnvironment());
  });
}

int BackUp(const Arguments& arguments, const Hooks& hooks, Terminal& terminal) {
  const config::Loaded loaded = config::Load(arguments.config_path, config::ProcessEnvironment());
  if (!loaded.ok()) {
    PrintFindings(FromProblems(arguments.config_path, loaded.problems), false, terminal);
    return 1;
  }
  const absl::Status done = hooks.backup(loaded.config, arguments.to);
  if (done.ok()) {
    terminal.out << "copied to " << arguments.to << "\n";
    return 0;
  }
  terminal.err << "error: " << done.message() << "\n";
  return 1;
}

int Call(const Arguments& arguments, Terminal& terminal) {
  const auto token = ReadToken(arguments, std::getenv("PIPEDRIVE_CONNECTOR_TOKEN"));
  const auto channel = token.ok() ? MakeChannel(arguments, *token) : token.status();
  if (!channel.ok()) {
    terminal.err << "error: " << channel.status().message() << "\n";
    return 1;
  }
  const SystemClock clock;
  return RunCall({arguments, *channel, clock, terminal});
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
    case Verb::kBackup:
      return BackUp(arguments, hooks, terminal);
    default:
      return Call(arguments, terminal);
  }
}

}  // namespace connector::cli
