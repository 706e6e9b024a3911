#pragma once

// Ownership of libcurl's handles. Private to this module.

#include <curl/curl.h>

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace connector::http {

struct CurlCloser {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlEasy = std::unique_ptr<CURL, CurlCloser>;
using CurlUrl = std::unique_ptr<CURLU, CurlCloser>;
using CurlList = std::unique_ptr<curl_slist, CurlCloser>;

// Easy handles, each with its kept-alive connection, lent to one thread at a time; the one used
// last is lent first, so that few connections are kept warm. Any thread.
class CurlPool {
 public:
  explicit CurlPool(size_t most_idle);
  ~CurlPool();
  CurlPool(const CurlPool&) = delete;
  CurlPool& operator=(const CurlPool&) = delete;

  // A handle without options but with the shared caches; null if libcurl has no memory.
  CurlEasy Borrow();
  void Return(CurlEasy handle);

 private:
  static void Lock(CURL* handle, curl_lock_data data, curl_lock_access access, void* pool);
  static void Unlock(CURL* handle, curl_lock_data data, void* pool);

  const size_t most_idle_;
  std::array<std::mutex, CURL_LOCK_DATA_LAST> share_mutexes_;  // libcurl's, one per kind of data
  CURLSH* share_ = nullptr;  // DNS and TLS sessions; outlives all handles
  std::mutex mutex_;         // guards idle_
  std::vector<CurlEasy> idle_;
};

}  // namespace connector::http
