# Every external package, found once. Which module may use which is in src/CMakeLists.txt.

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(simdjson CONFIG REQUIRED)
find_package(yaml-cpp CONFIG REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)

# Debian's libphonenumber brings no CMake package.
find_path(PHONENUMBER_INCLUDE_DIR phonenumbers/phonenumberutil.h REQUIRED)
find_library(PHONENUMBER_LIBRARY phonenumber REQUIRED)
add_library(phonenumber UNKNOWN IMPORTED)
set_target_properties(
  phonenumber PROPERTIES IMPORTED_LOCATION "${PHONENUMBER_LIBRARY}"
                         INTERFACE_INCLUDE_DIRECTORIES "${PHONENUMBER_INCLUDE_DIR}")

# FindProtobuf comes first: gRPC's own package looks for the targets that it makes.
find_package(Protobuf REQUIRED)
target_link_libraries(phonenumber INTERFACE protobuf::libprotobuf)
if(NOT CONNECTOR_CORE_ONLY)
  find_package(gRPC CONFIG REQUIRED)
endif()

if(CONNECTOR_BUILD_TESTS)
  find_package(GTest CONFIG REQUIRED)
  find_package(Python3 COMPONENTS Interpreter REQUIRED)
endif()
if(CONNECTOR_BUILD_BENCHMARKS)
  find_package(benchmark CONFIG REQUIRED)
endif()
