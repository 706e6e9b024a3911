#include "metrics/service_metrics.h"

#include <utility>

namespace connector::metrics {
namespace {

enum Family : size_t { kBuild, kStart, kCpu, kMemory, kFiles };

}  // namespace

void AddProcessMetrics(Registry& registry, std::string version, double started_unix_seconds) {
  registry.AddGauges({{"build_info", "1, with the release as label", {"version"}},
                      {"process_start_time_seconds", "When it started, in Unix seconds", {}},
                      {"process_cpu_seconds", "Processor time used so far", {}},
                      {"process_resident_memory_bytes", "Memory it holds", {}},
                      {"process_open_files", "File descriptors it holds", {}}},
                     [version = std::move(version), started_unix_seconds](GaugeSink& sink) {
                       const ProcessUsage usage = ReadProcessUsage();
                       sink.Set(kBuild, {version}, 1);
                       sink.Set(kStart, {}, started_unix_seconds);
                       sink.Set(kCpu, {}, usage.cpu_seconds);
                       sink.Set(kMemory, {}, static_cast<double>(usage.resident_bytes));
                       sink.Set(kFiles, {}, static_cast<double>(usage.open_files));
                     });
}

// Both begin at 0, so that the first error is a rise that Prometheus sees.
StoreMetrics::StoreMetrics(Registry& registry)
    : errors_(registry.AddCounter({"store_errors_total",
                                   "Transactions that failed because of the file or its disk",
                                   {"operation", "code"}})) {
  for (const char* operation : {"read", "write"}) {
    for (const char* code : {"unavailable", "resource_exhausted", "data_loss", "internal"}) {
      errors_.Add({operation, code}, 0);
    }
  }
}

}  // namespace connector::metrics
