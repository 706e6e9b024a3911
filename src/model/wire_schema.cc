// The cached field schemas of both accounts.

#include "model/wire.h"
#include "model/wire_format.h"

namespace connector {
namespace {

using wire::Reader;
using wire::Writer;

void WriteFields(Writer& out, const std::vector<PipedriveField>& fields) {
  out.Unsigned(fields.size());
  for (const PipedriveField& field : fields) {
    out.Text(field.key);
    out.Text(field.name);
    out.Text(field.type);
    out.Bool(field.is_custom);
    out.Unsigned(field.options.size());
    for (const FieldOption& option : field.options) {
      out.Text(option.id);
      out.Text(option.label);
    }
  }
}

std::vector<PipedriveField> ReadFields(Reader& in) {
  std::vector<PipedriveField> fields(in.Count());
  for (PipedriveField& field : fields) {
    field.key = in.TextView();
    field.name = in.TextView();
    field.type = in.TextView();
    field.is_custom = in.Bool();
    field.options.resize(in.Count());
    for (FieldOption& option : field.options) {
      option.id = in.TextView();
      option.label = in.TextView();
    }
  }
  return fields;
}

void WriteAttributes(Writer& out, const std::vector<BrevoAttribute>& attributes) {
  out.Unsigned(attributes.size());
  for (const BrevoAttribute& attribute : attributes) {
    out.Text(attribute.name);
    out.Text(attribute.category);
    out.Name(attribute.type);
    out.Unsigned(attribute.options.size());
    for (const BrevoAttribute::Option& option : attribute.options) {
      out.Signed(option.value);
      out.Text(option.label);
    }
  }
}

std::vector<BrevoAttribute> ReadAttributes(Reader& in) {
  std::vector<BrevoAttribute> attributes(in.Count());
  for (BrevoAttribute& attribute : attributes) {
    attribute.name = in.TextView();
    attribute.category = in.TextView();
    attribute.type = in.Name(AttributeType::kOther);
    attribute.options.resize(in.Count());
    for (BrevoAttribute::Option& option : attribute.options) {
      option.value = in.Signed();
      option.label = in.TextView();
    }
  }
  return attributes;
}

void WriteStages(Writer& out, const std::vector<Stage>& stages) {
  out.Unsigned(stages.size());
  for (const Stage& stage : stages) {
    out.Signed(stage.id);
    out.Text(stage.name);
    out.Signed(stage.pipeline_id);
    out.Signed(stage.order);
    out.Bool(stage.probability.has_value());
    if (stage.probability) out.Double(*stage.probability);
  }
}

// What rows lack that were written before deals were synced.
void ReadDealParts(Reader& in, AccountSchema& schema) {
  schema.pipelines.resize(in.Count());
  for (Pipeline& pipeline : schema.pipelines) {
    pipeline.id = in.Signed();
    pipeline.name = in.TextView();
    pipeline.order = in.Signed();
  }
  schema.stages.resize(in.Count());
  for (Stage& stage : schema.stages) {
    stage.id = in.Signed();
    stage.name = in.TextView();
    stage.pipeline_id = in.Signed();
    stage.order = in.Signed();
    if (in.Bool()) stage.probability = in.Double();
  }
  schema.currencies.resize(in.Count());
  for (Currency& currency : schema.currencies) {
    currency.code = in.TextView();
    currency.decimals = static_cast<int>(in.Signed());
  }
}

}  // namespace

std::string Encode(const AccountSchema& schema) {
  Writer out(4096);
  out.Signed(schema.account.company_id);
  out.Signed(schema.account.user_id);
  out.Text(schema.account.company_name);
  out.Text(schema.account.company_domain);
  out.Text(schema.account.default_currency);
  WriteFields(out, schema.person_fields);
  WriteFields(out, schema.organization_fields);
  WriteAttributes(out, schema.attributes);
  out.Unsigned(schema.lists.size());
  for (const BrevoList& list : schema.lists) {
    out.Signed(list.id);
    out.Text(list.name);
  }
  out.Unsigned(schema.pipelines.size());
  for (const Pipeline& pipeline : schema.pipelines) {
    out.Signed(pipeline.id);
    out.Text(pipeline.name);
    out.Signed(pipeline.order);
  }
  WriteStages(out, schema.stages);
  out.Unsigned(schema.currencies.size());
  for (const Currency& currency : schema.currencies) {
    out.Text(currency.code);
    out.Signed(currency.decimals);
  }
  out.Unsigned(schema.lead_labels.size());
  for (const FieldOption& label : schema.lead_labels) {
    out.Text(label.id);
    out.Text(label.label);
  }
  return out.Finish();
}

absl::StatusOr<AccountSchema> DecodeAccountSchema(std::string_view bytes) {
  Reader in(bytes);
  AccountSchema schema;
  schema.account.company_id = in.Signed();
  schema.account.user_id = in.Signed();
  schema.account.company_name = in.TextView();
  schema.account.company_domain = in.TextView();
  schema.account.default_currency = in.TextView();
  schema.person_fields = ReadFields(in);
  schema.organization_fields = ReadFields(in);
  schema.attributes = ReadAttributes(in);
  schema.lists.resize(in.Count());
  for (BrevoList& list : schema.lists) {
    list.id = in.Signed();
    list.name = in.TextView();
  }
  if (in.More()) ReadDealParts(in, schema);
  if (in.More()) {
    schema.lead_labels.resize(in.Count());
    for (FieldOption& label : schema.lead_labels) {
      label.id = in.TextView();
      label.label = in.TextView();
    }
  }
  if (in.failed()) return ReadStatus(in, "account schema");
  return schema;
}

}  // namespace connector
