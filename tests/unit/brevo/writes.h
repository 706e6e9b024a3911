#pragma once

#include <string>

#include "model/contact.h"

namespace connector::brevo {

inline ContactWrite WriteOf(const std::string& email) {
  ContactWrite write;
  write.email = email;
  return write;
}

}  // namespace connector::brevo
