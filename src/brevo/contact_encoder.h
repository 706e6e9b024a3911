#pragma once

// Bodies that write contacts, as text.

#include <string>
#include <string_view>
#include <vector>

#include "model/contact.h"

namespace connector::brevo {

// POST /contacts: never an upsert, so that a contact made by somebody else meanwhile is noticed.
std::string EncodeCreate(const ContactWrite& write);

// PUT /contacts/{identifier}. A new address goes as attribute EMAIL.
std::string EncodeUpdate(const ContactWrite& write);

// POST /contacts/lists/{id}/contacts/remove.
std::string EncodeEmails(const std::vector<std::string>& emails);

}  // namespace connector::brevo
