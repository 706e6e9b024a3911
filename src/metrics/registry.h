#pragma once

// Named metrics in Prometheus' text format. The library behind it is seen by registry.cc alone.

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace connector::metrics {

// Every name begins with it.
inline constexpr std::string_view kPrefix = "pipedrive_connector_";

// A family holds this many sets of label values; further ones are counted under "other" in every
// label, so that no caller can make a page of metrics grow without bound.
inline constexpr size_t kMostLabelSets = 1000;

// What a family is: `name` without the prefix, and the names of its labels. The texts are kept as
// views: literals.
struct FamilySpec {
  std::string_view name;
  std::string_view help;
  std::vector<std::string_view> labels;
};

// Values of the labels in the order of FamilySpec::labels.
using LabelValues = std::initializer_list<std::string_view>;

// The handles live as long as their registry. Every method may be called from any thread.
class Counter {
 public:
  virtual ~Counter() = default;
  virtual void Add(LabelValues labels, double by = 1) = 0;
};

class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void Set(LabelValues labels, double value) = 0;
};

class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void Observe(LabelValues labels, double value) = 0;
};

// Takes the values of gauges that are read only when a page is asked for.
class GaugeSink {
 public:
  virtual ~GaugeSink() = default;
  // `family` is an index into the families that were added with the reader.
  virtual void Set(size_t family, LabelValues labels, double value) = 0;
};

// Owns all metrics of a process. Any thread.
class Registry {
 public:
  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  Counter& AddCounter(const FamilySpec& spec);
  Gauge& AddGauge(const FamilySpec& spec);
  Histogram& AddHistogram(const FamilySpec& spec, std::vector<double> upper_bounds);

  // Calls `read` for every page, once for all of the families. It must not block for long, and what
  // it uses must outlive the registry.
  void AddGauges(std::vector<FamilySpec> specs, std::function<void(GaugeSink&)> read);

  // A page in the text format, version 0.0.4.
  std::string Serialize() const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace connector::metrics
