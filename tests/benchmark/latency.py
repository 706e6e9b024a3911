"""Moves deals from stage to stage, one after the other, and waits for each contact. Arguments as latency.sh gives them."""

import collections
import json
import sys
import time
import urllib.parse
import urllib.request

SANDBOX, PUBLIC = sys.argv[1:3]
CHANGES = int(sys.argv[3])
LISTS = {1: 61, 2: 62, 3: 63, 4: 64}  # by stage, as configured
PATIENCE_S = 60


def call(method, url, body=None, headers=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json", **(headers or {})}, method=method)
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        return json.loads(answer.read() or b"null")


def contact_lists():
    state = call("GET", SANDBOX + "/sandbox/state")
    return {contact["email"]: set(contact["lists"]) for contact in state["contacts"] if contact["email"]}


def single_deals():
    """Open deals in the mapped stages whose person has no other deal, with the address of the contact."""
    persons = {}
    url = SANDBOX + "/api/v2/persons?limit=500"
    for person in call("GET", url, headers={"x-api-token": "sandbox-pipedrive-token"})["data"]:
        if person.get("emails"):
            persons[person["id"]] = person["emails"][0]["value"].lower()
    shared = {email for email, count in collections.Counter(persons.values()).items() if count > 1}
    deals = call("GET", SANDBOX + "/sandbox/pipedrive/deals")["deals"]
    owners = collections.Counter(deal["person_id"] for deal in deals)
    known = {email.lower(): email for email in contact_lists()}
    return [(deal["id"], deal["stage_id"], known[persons[deal["person_id"]]]) for deal in deals
            if deal["status"] == "open" and deal["stage_id"] in LISTS and not deal.get("is_archived")
            and owners[deal["person_id"]] == 1 and persons.get(deal["person_id"]) in known
            and persons[deal["person_id"]] not in shared]


def move(deal, stage, email):
    began = time.monotonic()
    call("POST", f"{SANDBOX}/sandbox/pipedrive/deals/{deal}", {"stage_id": stage})
    while True:
        lists = set(call("GET", SANDBOX + "/sandbox/brevo/contacts/" + urllib.parse.quote(email))["lists"])
        if LISTS[stage] in lists and not (set(LISTS.values()) - {LISTS[stage]}) & lists:
            return time.monotonic() - began
        if time.monotonic() - began > PATIENCE_S:
            sys.exit(f"deal {deal} is in stage {stage}, its contact is in lists {sorted(lists)}")
        time.sleep(0.002)


def percentiles(name, seconds):
    ordered = sorted(seconds)
    p50, p99 = ordered[len(ordered) // 2], ordered[min(len(ordered) * 99 // 100, len(ordered) - 1)]
    print(f"  {name:45} p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms")
    return p50, p99


def time_calls(email):
    """What a write of a contact takes when nobody stands between."""
    taken = []
    url = SANDBOX + "/v3/contacts/" + urllib.parse.quote(email)
    for _ in range(30):
        began = time.monotonic()
        call("PUT", url, {"listIds": [60]}, {"api-key": "sandbox-brevo-key"})
        taken.append(time.monotonic() - began)
        time.sleep(0.15)  # ten a second are allowed
    return percentiles("Brevo's answer to a write, asked directly", taken)


def main():
    deals = single_deals()
    if not deals:
        sys.exit("the sandbox has no deal to move")
    call("POST", SANDBOX + "/sandbox/pipedrive/webhooks", {
        "subscription_url": f"http://{PUBLIC}/webhooks/pipedrive", "event_action": "*", "event_object": "*",
        "name": "latency", "version": "2.0", "http_auth_user": "pipedrive", "http_auth_password": "benchmark"})
    stages = {deal: stage for deal, stage, _ in deals}
    direct = time_calls(deals[0][2])
    call("POST", SANDBOX + "/sandbox/stats/reset", {})
    taken = []
    for number in range(CHANGES):
        deal, _, email = deals[number % len(deals)]
        if number and number % len(deals) == 0:
            time.sleep(1)  # states of one second would have to be read again
        stages[deal] = stages[deal] % 4 + 1
        taken.append(move(deal, stages[deal], email))
    stats = call("GET", SANDBOX + "/sandbox/stats")
    print(f"  {CHANGES} changes of {len(deals)} deals: calls to Pipedrive {stats['pipedrive']['total']}, to Brevo "
          f"{stats['brevo']['total']}; rate violations {stats['rate_violations']}")
    total = percentiles("from the change to the right list", taken)
    print(f"  p99 is {total[1] / direct[1]:.2f} times the write it must make (aim: under 1.5)")


if __name__ == "__main__":
    main()
