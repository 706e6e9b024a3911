#include "support/postgres_server.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "store/postgres_handle.h"

namespace connector::testing {
namespace {

absl::Status RunScript(const std::string& verb, const std::string& file) {
  const std::string command =
      absl::StrCat(CONNECTOR_POSTGRES_SERVER_SCRIPT, " ", verb, " '", file, "'");
  // NOLINTNEXTLINE(concurrency-mt-unsafe,cert-env33-c): a fixed script, before other threads begin.
  if (std::system(command.c_str()) == 0) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("failed: ", command));
}

}  // namespace

absl::StatusOr<PostgresServer*> PostgresServer::Shared() {
  static const std::unique_ptr<PostgresServer> server(new PostgresServer);
  static const absl::Status started = server->Start();
  if (!started.ok()) return started;
  return server.get();
}

absl::Status PostgresServer::Start() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets variables.
  const char* file = std::getenv("CONNECTOR_TEST_POSTGRES");
  if (file == nullptr) {
    file_ =
        (std::filesystem::temp_directory_path() / absl::StrCat("connector-pg.", getpid())).string();
    CONNECTOR_RETURN_IF_ERROR(RunScript("start", file_));
    file = file_.c_str();
  }
  std::getline(std::ifstream(file), directory_);
  if (!directory_.empty()) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("no server: ", file, " names none"));
}

PostgresServer::~PostgresServer() {
  if (!file_.empty()) RunScript("stop", file_).IgnoreError();
}

Secret PostgresServer::UrlOf(const std::string& schema) const {
  return Secret(absl::StrCat("postgresql://connector@/postgres?host=", directory_,
                             "&options=-csearch_path%3D", schema, "&application_name=", schema));
}

absl::StatusOr<Secret> PostgresServer::NewSchema() {
  const std::string schema = absl::StrCat("test_", getpid(), "_", ++schemas_);
  store::PostgresHandle db(UrlOf("public"));
  CONNECTOR_RETURN_IF_ERROR(db.Connect());
  CONNECTOR_RETURN_IF_ERROR(db.Script(absl::StrCat("CREATE SCHEMA ", schema)));
  return UrlOf(schema);
}

}  // namespace connector::testing
