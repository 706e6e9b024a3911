#pragma once

#include <functional>
#include <string_view>

namespace connector::brevo {

// Reads a CSV file of refused rows and gives each row's e-mail, or its first column if it has none.
// Separators are , or ; with or without quotes, byte order mark and header row. A header is a first
// row without an address that names an e-mail column. Never fails: what is no CSV gives rows of
// nonsense.
void ReadReportRows(std::string_view text, const std::function<void(std::string_view)>& row);

}  // namespace connector::brevo
