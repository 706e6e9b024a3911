#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "base/strings.h"

namespace connector::cli {

Terminal ProcessTerminal() {
  const char* kind = std::getenv("TERM");
  const bool capable = kind != nullptr && std::string_view(kind) != "dumb";
  Terminal terminal{std::cout, std::cerr};
  terminal.out_is_terminal =
      capable && isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  terminal.err_is_terminal = capable && isatty(STDERR_FILENO) != 0;
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20) {
    // The last column stays free, since some terminals break the line there.
    terminal.width = size.ws_col - 1;
  }
  return terminal;
}

std::string Coloured(std::string_view text, std::string_view code, bool on) {
  if (!on) return std::string(text);
  return absl::StrCat("\x1b[", ToAbsl(code), "m", ToAbsl(text), "\x1b[0m");
}

}  // namespace connector::cli
