#pragma once

namespace connector::cli {

// The release; a test holds it against CMakeLists.txt.
inline constexpr char kVersion[] = "0.1.0";

}  // namespace connector::cli
