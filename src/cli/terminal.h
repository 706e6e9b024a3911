#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

namespace connector::cli {

// Where a verb writes: results to `out`, progress and errors to `err`.
struct Terminal {
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;  // colours only there
  bool err_is_terminal = false;  // a progress bar only there
  size_t width = 80;
};

// The process's own, with what the environment says of it (NO_COLOR, the window's width).
Terminal ProcessTerminal();

// The text in a colour ("31" red, "32" green, "33" yellow) if `on`.
std::string Coloured(std::string_view text, std::string_view code, bool on);

}  // namespace connector::cli
