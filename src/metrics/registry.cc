#include "metrics/registry.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "base/strings.h"

namespace connector::metrics {
namespace {

constexpr std::string_view kOther = "other";

std::string FullName(std::string_view name) { return std::string(kPrefix) + std::string(name); }

prometheus::Labels MakeLabels(const std::vector<std::string>& names, LabelValues values) {
  prometheus::Labels labels;
  auto value = values.begin();
  for (const std::string& name : names) {
    labels[name] = value == values.end() ? "" : std::string(*value++);
  }
  return labels;
}

// One family of a kind of the library; remembers its label sets to bound them.
template <typename Metric>
class BoundedFamily {
 public:
  BoundedFamily(prometheus::Family<Metric>& family, const FamilySpec& spec)
      : family_(family), names_(spec.labels.begin(), spec.labels.end()) {}

  template <typename... Extra>
  Metric& At(LabelValues values, const Extra&... extra) {
    const std::vector<std::string_view> key(values);
    const std::lock_guard lock(mutex_);
    if (const auto known = metrics_.find(key); known != metrics_.end()) return *known->second;
    if (metrics_.size() >= kMostLabelSets) return Other(extra...);
    Metric& metric = family_.Add(MakeLabels(names_, values), extra...);
    metrics_.emplace(std::vector<std::string>(values.begin(), values.end()), &metric);
    return metric;
  }

 private:
  struct Less {
    using is_transparent = void;
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
    }
  };

  template <typename... Extra>
  Metric& Other(const Extra&... extra) {
    prometheus::Labels labels;
    for (const std::string& name : names_) labels[name] = kOther;
    return family_.Add(labels, extra...);
  }

  prometheus::Family<Metric>& family_;
  const std::vector<std::string> names_;
  std::mutex mutex_;  // guards metrics_
  std::map<std::vector<std::string>, Metric*, Less> metrics_;
};

class FamilyCounter : public Counter {
 public:
  FamilyCounter(prometheus::Family<prometheus::Counter>& family, const FamilySpec& spec)
      : family_(family, spec) {}
  void Add(LabelValues labels, double by) override { family_.At(labels).Increment(by); }

 private:
  BoundedFamily<prometheus::Counter> family_;
};

class FamilyGauge : public Gauge {
 public:
  FamilyGauge(prometheus::Family<prometheus::Gauge>& family, const FamilySpec& spec)
      : family_(family, spec) {}
  void Set(LabelValues labels, double value) override { family_.At(labels).Set(value); }

 private:
  BoundedFamily<prometheus::Gauge> family_;
};

class FamilyHistogram : public Histogram {
 public:
  FamilyHistogram(prometheus::Family<prometheus::Histogram>& family, const FamilySpec& spec,
                  std::vector<double> bounds)
      : family_(family, spec), bounds_(std::move(bounds)) {}
  void Observe(LabelValues labels, double value) override {
    family_.At(labels, bounds_).Observe(value);
  }

 private:
  BoundedFamily<prometheus::Histogram> family_;
  const std::vector<double> bounds_;
};

// Gauges whose values come from a callback at the time of the page.
class GaugeReader : public GaugeSink {
 public:
  GaugeReader(const std::vector<FamilySpec>& specs, const std::function<void(GaugeSink&)>& read) {
    for (const FamilySpec& spec : specs) {
      prometheus::MetricFamily& family = families_.emplace_back();
      family.name = FullName(spec.name);
      family.help = spec.help;
      family.type = prometheus::MetricType::Gauge;
      labels_.emplace_back(spec.labels.begin(), spec.labels.end());
    }
    read(*this);
  }

  void Set(size_t family, LabelValues values, double value) override {
    if (families_[family].metric.size() >= kMostLabelSets) return;
    prometheus::ClientMetric& metric = families_[family].metric.emplace_back();
    for (const auto& [name, text] : MakeLabels(labels_[family], values)) {
      metric.label.push_back({name, text});
    }
    metric.gauge.value = value;
  }

  std::vector<prometheus::MetricFamily> Take() && {
    std::erase_if(families_, [](const auto& family) { return family.metric.empty(); });
    return std::move(families_);
  }

 private:
  std::vector<prometheus::MetricFamily> families_;
  std::vector<std::vector<std::string>> labels_;
};

}  // namespace

struct Registry::Families {
  struct Reader {
    std::vector<FamilySpec> specs;
    std::function<void(GaugeSink&)> read;
  };

  mutable std::mutex mutex;  // guards the four lists
  prometheus::Registry library;
  std::vector<std::unique_ptr<Counter>> counters;
  std::vector<std::unique_ptr<Gauge>> gauges;
  std::vector<std::unique_ptr<Histogram>> histograms;
  std::vector<Reader> readers;
};

Registry::Registry() : families_(std::make_unique<Families>()) {}
Registry::~Registry() = default;

Counter& Registry::AddCounter(const FamilySpec& spec) {
  auto& family = prometheus::BuildCounter()
                     .Name(FullName(spec.name))
                     .Help(std::string(spec.help))
                     .Register(families_->library);
  const std::lock_guard lock(families_->mutex);
  return *families_->counters.emplace_back(std::make_unique<FamilyCounter>(family, spec));
}

Gauge& Registry::AddGauge(const FamilySpec& spec) {
  auto& family = prometheus::BuildGauge()
                     .Name(FullName(spec.name))
                     .Help(std::string(spec.help))
                     .Register(families_->library);
  const std::lock_guard lock(families_->mutex);
  return *families_->gauges.emplace_back(std::make_unique<FamilyGauge>(family, spec));
}

Histogram& Registry::AddHistogram(const FamilySpec& spec, std::vector<double> upper_bounds) {
  auto& family = prometheus::BuildHistogram()
                     .Name(FullName(spec.name))
                     .Help(std::string(spec.help))
                     .Register(families_->library);
  const std::lock_guard lock(families_->mutex);
  return *families_->histograms.emplace_back(
      std::make_unique<FamilyHistogram>(family, spec, std::move(upper_bounds)));
}

void Registry::AddGauges(std::vector<FamilySpec> specs, std::function<void(GaugeSink&)> read) {
  const std::lock_guard lock(families_->mutex);
  families_->readers.push_back({std::move(specs), std::move(read)});
}

std::string Registry::Serialize() const {
  std::vector<Families::Reader> readers;
  {
    const std::lock_guard lock(families_->mutex);
    readers = families_->readers;
  }
  auto page = families_->library.Collect();
  for (const Families::Reader& reader : readers) {
    auto read = GaugeReader(reader.specs, reader.read).Take();
    std::ranges::move(read, std::back_inserter(page));
  }
  return prometheus::TextSerializer().Serialize(page);
}

}  // namespace connector::metrics
