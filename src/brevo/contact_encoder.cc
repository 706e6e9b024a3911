#include "brevo/contact_encoder.h"

#include "brevo/json_members.h"

namespace connector::brevo {
namespace {

void AppendAttributes(Members& body, const ContactWrite& write, std::string_view new_email) {
  if (write.attributes.empty() && new_email.empty()) return;
  Members attributes(body.Name("attributes"));
  if (!new_email.empty()) attributes.Text("EMAIL", new_email);
  for (const auto& [name, value] : write.attributes) AppendValue(attributes.Name(name), value);
  attributes.Close();
}

}  // namespace

std::string EncodeCreate(const ContactWrite& write) {
  std::string out;
  Members body(out);
  if (!write.email.empty()) body.Text("email", write.email);
  if (write.ext_id) body.Text("ext_id", *write.ext_id);
  AppendAttributes(body, write, "");
  body.Ids("listIds", write.join_lists);
  body.Flag("updateEnabled", false);
  if (write.block_email) body.Flag("emailBlacklisted", true);
  body.Close();
  return out;
}

std::string EncodeUpdate(const ContactWrite& write) {
  std::string out;
  Members body(out);
  if (write.ext_id) body.Text("ext_id", *write.ext_id);
  AppendAttributes(body, write, write.email);
  body.Ids("listIds", write.join_lists);
  body.Ids("unlinkListIds", write.leave_lists);
  if (write.keep_email_block || write.block_email) body.Flag("emailBlacklisted", true);
  body.Close();
  return out;
}

std::string EncodeEmails(const std::vector<std::string>& emails) {
  std::string out;
  Members body(out);
  AppendTexts(body.Name("emails"), emails);
  body.Close();
  return out;
}

}  // namespace connector::brevo
