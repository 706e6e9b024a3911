#pragma once

// The ways a run walks through one kind of record: a list page by page, some ids by the hundred,
// and those that no list showed. Each keeps its place in a cursor of its name, committed with the
// rows, so that a walk that was cut off goes on with what comes after the last commit.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "pipedrive/client.h"
#include "sync/run_session.h"
#include "sync/walk_parts.h"

namespace connector::sync {

template <typename Record>
struct PageWalk {
  std::string_view cursor;   // its name
  std::string_view records;  // "deals", for people
  // One page; called beside whoever has the turn of the run, so it must not touch the session.
  std::function<absl::StatusOr<pipedrive::Page<Record>>(const std::string& place,
                                                        const http::CallContext& context)>
      fetch;
  // Commits a page together with the place of the next one. `first`: of the list.
  std::function<absl::Status(pipedrive::Page<Record> page, bool first, const store::Cursor& next)>
      finish;
  // The vendor forgot the place, so the list is read again: what was counted is taken back. What
  // was read is folded again, which changes nothing.
  std::function<void()> restart;
};

template <typename Record>
absl::Status WalkPages(RunSession& session, const PageWalk<Record>& walk) {
  // Of one walk; a place that is forgotten each time is an account's trouble.
  constexpr int kMostRestarts = 3;
  CONNECTOR_ASSIGN_OR_RETURN(store::Cursor cursor,
                             session.work().GetCursor(session.lease(), walk.cursor));
  int restarts = 0;
  while (!cursor.done) {
    CONNECTOR_RETURN_IF_ERROR(session.CheckGoOn());
    const http::CallContext context = session.PipedriveContext();
    auto answer = session.turns().GiveWhile([&] { return walk.fetch(cursor.value, context); });
    if (absl::IsOutOfRange(answer.status()) && ++restarts <= kMostRestarts) {
      session.Warn(absl::StrCat("Pipedrive no longer knew the place in its list of ",
                                ToAbsl(walk.records), "; it is read again"));
      walk.restart();
      cursor = {};
      continue;
    }
    CONNECTOR_ASSIGN_OR_RETURN(auto page, std::move(answer));
    const bool first = cursor.value.empty();
    cursor = {page.next_cursor, page.next_cursor.empty()};
    CONNECTOR_RETURN_IF_ERROR(walk.finish(std::move(page), first, cursor));
  }
  return absl::OkStatus();
}

// Calls `read` with at most kIdsPerCall ids and the place after them, which it commits: an index
// into the ids.
template <typename Id>
absl::Status WalkIds(
    RunSession& session, std::string_view cursor_name, const std::vector<Id>& ids,
    absl::FunctionRef<absl::Status(std::vector<Id> some, const store::Cursor& next)> read) {
  CONNECTOR_ASSIGN_OR_RETURN(store::Cursor cursor,
                             session.work().GetCursor(session.lease(), cursor_name));
  while (!cursor.done) {
    CONNECTOR_RETURN_IF_ERROR(session.CheckGoOn());
    size_t begin = 0;
    if (!cursor.value.empty() && !absl::SimpleAtoi(cursor.value, &begin)) {
      return absl::DataLossError(
          absl::StrCat("cursor ", ToAbsl(cursor_name), " is no index: ", cursor.value));
    }
    begin = std::min(begin, ids.size());
    const size_t end = std::min(begin + kIdsPerCall, ids.size());
    cursor = {absl::StrCat(end), end == ids.size()};
    CONNECTOR_RETURN_IF_ERROR(read({ids.begin() + static_cast<std::ptrdiff_t>(begin),
                                    ids.begin() + static_cast<std::ptrdiff_t>(end)},
                                   cursor));
  }
  return absl::OkStatus();
}

// After a whole list: stored records that it did not show, in the order of their ids, until there
// are none. `read` looks them up, concludes which are gone, and commits; called with no ids it
// commits the end.
template <typename Id>
absl::Status WalkUnseen(
    RunSession& session, std::string_view cursor_name,
    absl::FunctionRef<absl::StatusOr<std::vector<Id>>(const Id& after)> unseen,
    absl::FunctionRef<absl::Status(std::vector<Id> some, const store::Cursor& next)> read) {
  CONNECTOR_ASSIGN_OR_RETURN(const store::Cursor cursor,
                             session.work().GetCursor(session.lease(), cursor_name));
  Id after{};
  while (!cursor.done) {
    CONNECTOR_RETURN_IF_ERROR(session.CheckGoOn());
    CONNECTOR_ASSIGN_OR_RETURN(std::vector<Id> ids, unseen(after));
    const bool done = ids.empty();
    if (!done) after = ids.back();
    CONNECTOR_RETURN_IF_ERROR(read(std::move(ids), {.value = "", .done = done}));
    if (done) break;
  }
  return absl::OkStatus();
}

}  // namespace connector::sync
