"""Edits in bulk, changes single persons meanwhile, and waits. Arguments as bulk.sh gives them."""

import json
import sys
import threading
import time
import urllib.parse
import urllib.request

SANDBOX, PUBLIC, ADMIN = sys.argv[1:4]
PERSONS, SCALE = int(sys.argv[4]), float(sys.argv[5])
PATIENCE_S = 1200 / SCALE
AIM_BULK_S, AIM_SINGLE_S = 600, 2


def call(method, url, body=None, headers=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json", **(headers or {})}, method=method)
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.loads(answer.read() or b"null")


def singles():
    """Persons beyond those of the bulk edit that have a contact: id and address."""
    found, cursor = [], ""
    while True:
        page = call("GET", f"{SANDBOX}/api/v2/persons?limit=500" + (f"&cursor={cursor}" if cursor else ""),
                    headers={"x-api-token": "sandbox-pipedrive-token"})
        found += [(person["id"], person["emails"][0]["value"]) for person in page["data"]
                  if person["id"] > PERSONS and person.get("emails")]
        cursor = page["additional_data"].get("next_cursor")
        if not cursor:
            break
    with_contact = []
    for person, email in found:
        try:
            attribute(email)
            with_contact.append((person, email))
        except urllib.error.HTTPError:
            pass
    return with_contact


def attribute(email):
    contact = call("GET", SANDBOX + "/sandbox/brevo/contacts/" + urllib.parse.quote(email))
    return contact["attributes"].get("FULLNAME")


def gauge(name):
    with urllib.request.urlopen(f"http://{ADMIN}/metrics", timeout=30) as answer:
        for line in answer.read().decode().splitlines():
            if name + '{connection="default"}' in line:
                return float(line.rsplit(" ", 1)[1])
    return -1


def change(person, email):
    name = f"Single {person} {time.monotonic_ns()}"
    began = time.monotonic()
    call("POST", f"{SANDBOX}/sandbox/pipedrive/persons/{person}", {"name": name})
    while attribute(email) != name:
        if time.monotonic() - began > PATIENCE_S:
            sys.exit(f"person {person} does not arrive")
        time.sleep(0.005)
    return (time.monotonic() - began) * SCALE


def main():
    people = singles()
    call("POST", SANDBOX + "/sandbox/pipedrive/webhooks", {
        "subscription_url": f"http://{PUBLIC}/webhooks/pipedrive", "event_action": "*", "event_object": "*",
        "name": "bulk", "version": "2.0", "http_auth_user": "pipedrive", "http_auth_password": "benchmark"})
    call("POST", SANDBOX + "/sandbox/stats/reset", {})
    began = time.monotonic()
    # Beside, since the sandbox makes a webhook of each person before it answers.
    edit = threading.Thread(target=call, args=("POST", SANDBOX + "/sandbox/pipedrive/persons/bulk",
                                               {"from": 1, "to": PERSONS, "changes": {"name": "Bulk {id}"}}))
    edit.start()
    taken, number = [], 0
    while True:
        taken.append(change(*people[number % len(people)]))
        number += 1
        time.sleep(1 / SCALE)
        told = call("GET", SANDBOX + "/sandbox/stats")["webhooks"]["sent"]
        if not edit.is_alive() and told >= PERSONS * 0.9 and gauge("sync_inbox_webhooks") == 0 and gauge(
                "sync_dirty_contacts") == 0 and gauge("sync_open_imports") == 0:
            break
        if time.monotonic() - began > PATIENCE_S:
            sys.exit("the bulk edit does not arrive")
    bulk = (time.monotonic() - began) * SCALE
    state = call("GET", SANDBOX + "/sandbox/state")["contacts"]
    edited = sum((contact["attributes"].get("FULLNAME") or "").startswith("Bulk ") for contact in state)
    stats = call("GET", SANDBOX + "/sandbox/stats")
    taken.sort()
    print(f"  {PERSONS} persons edited in bulk: {edited} contacts hold it {bulk:.0f} s later (aim: {AIM_BULK_S} s); "
          f"webhooks {stats['webhooks']}")
    print(f"  {len(taken)} single changes meanwhile: p50 {taken[len(taken) // 2]:.2f} s, p99 "
          f"{taken[len(taken) * 99 // 100]:.2f} s, longest {taken[-1]:.2f} s (aim: {AIM_SINGLE_S} s)")
    print(f"  calls to Pipedrive {stats['pipedrive']['total']}, to Brevo {stats['brevo']['total']}; rate violations "
          f"{stats['rate_violations']}")


if __name__ == "__main__":
    main()
