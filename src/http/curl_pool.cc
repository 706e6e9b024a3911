#include "http/curl_pool.h"

namespace connector::http {
namespace {

void InitOnce() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(code);  // a failure shows in Borrow, which then gets no handles
}

}  // namespace

CurlPool::CurlPool(size_t most_idle) : most_idle_(most_idle) {
  InitOnce();
  share_ = curl_share_init();
  if (share_ == nullptr) return;
  bool ok = curl_share_setopt(share_, CURLSHOPT_LOCKFUNC, &Lock) == CURLSHE_OK;
  ok = ok && curl_share_setopt(share_, CURLSHOPT_UNLOCKFUNC, &Unlock) == CURLSHE_OK;
  ok = ok && curl_share_setopt(share_, CURLSHOPT_USERDATA, this) == CURLSHE_OK;
  ok = ok && curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS) == CURLSHE_OK;
  ok = ok && curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION) == CURLSHE_OK;
  if (ok) return;
  // Without a cache every connection looks up and shakes hands for itself: slower, not wrong.
  curl_share_cleanup(share_);
  share_ = nullptr;
}

CurlPool::~CurlPool() {
  idle_.clear();
  if (share_ != nullptr) curl_share_cleanup(share_);
}

void CurlPool::Lock(CURL*, curl_lock_data data, curl_lock_access, void* pool) {
  static_cast<CurlPool*>(pool)->share_mutexes_[data].lock();
}

void CurlPool::Unlock(CURL*, curl_lock_data data, void* pool) {
  static_cast<CurlPool*>(pool)->share_mutexes_[data].unlock();
}

CurlEasy CurlPool::Borrow() {
  CurlEasy handle;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      handle = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (handle == nullptr) handle.reset(curl_easy_init());
  if (handle == nullptr) return nullptr;
  curl_easy_reset(handle.get());  // keeps the connection and the caches
  if (share_ != nullptr && curl_easy_setopt(handle.get(), CURLOPT_SHARE, share_) != CURLE_OK) {
    return nullptr;
  }
  return handle;
}

void CurlPool::Return(CurlEasy handle) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < most_idle_) idle_.push_back(std::move(handle));
}

}  // namespace connector::http
