// The front of the sandbox: routes a request, checks the credential, the limits and the query,
// applies fault rules, adds headers, records the exchange.
#pragma once

#include <string>

#include "router.h"
#include "world.h"

namespace sandbox {

class Gateway {
 public:
  explicit Gateway(World& world);

  Reply Handle(Request request);         // the API listener
  Reply HandleReports(Request request);  // the reports listener: a foreign host

 private:
  struct Answer {
    Reply reply;
    bool fault = false;
  };
  Reply HandleControl(const Request& request);
  Reply HandleApi(const Request& request, Api api);
  Answer Exchange(const Request& request, Api api, const Router::Match& match);
  Reply Serve(const Request& request, Api api, const Router::Match& match, bool half_import);
  Reply ServePipedrive(const Request& request, const Call& call, const Router::Match& match);
  Reply ServeBrevo(const Request& request, const Call& call, const Router::Match& match);
  bool PipedriveCredential(const Request& request, std::string& credential, bool& oauth);
  void Account(const Request& request, Api api, const Router::Match& match, const Reply& reply);

  World& world_;
  Router pipedrive_, brevo_, control_, oauth_;
};

}  // namespace sandbox
