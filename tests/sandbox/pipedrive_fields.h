// The person fields of the account: built-in ones and about 90 custom ones of every type.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sandbox {

struct FieldOption {
  int64_t id;
  std::string label;
};

struct Field {
  std::string key;  // API v2 field_code; 40 hex digits when custom
  std::string v1_key;
  std::string name;
  std::string type;
  std::vector<FieldOption> options;
  bool custom = false;
  double filled = 0;  // share of seeded persons with a value
};

class PersonFields {
 public:
  PersonFields(uint64_t seed, bool campaigns);

  const std::vector<Field>& builtin() const { return builtin_; }
  const std::vector<Field>& custom() const { return custom_; }
  // Index of a custom field by key, -1 if there is none.
  int CustomIndex(std::string_view key) const;

  // The generated value of a field for a seeded person as API v2 JSON text; "null" for most.
  std::string SeededValue(int64_t person, int field) const;

  // "" if the value may be written to the field, else why not (API v2 is strict about types).
  std::string CheckValue(int field, const nlohmann::json& value) const;

 private:
  void AddBuiltin(bool campaigns);
  void AddCustom(const std::string& name, const std::string& type, double filled,
                 const std::vector<std::string>& options = {});
  void AddOrdinaryCustom();
  void AddFillers();

  const uint64_t seed_;
  int64_t next_option_ = 190;
  std::vector<Field> builtin_;
  std::vector<Field> custom_;
  std::unordered_map<std::string, int> index_;
};

}  // namespace sandbox
