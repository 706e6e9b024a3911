"""Sends the storm of storm.sh, kills the service, and judges what is left. Arguments as storm.sh gives them."""

import base64
import collections
import http.client
import http.server
import json
import queue
import random
import signal
import socketserver
import subprocess
import sys
import threading
import time
import urllib.request

BUILD, DIRECTORY, SANDBOX, PUBLIC, ADMIN, GRPC = sys.argv[1:7]
DELIVERIES, PERSONS = int(sys.argv[7]), int(sys.argv[8])
KILLS = 5
SENDERS = 32
COPIES = 0.3
SHUFFLED_WITHIN_S = 2.0
AUTHORIZATION = "Basic " + base64.b64encode(b"pipedrive:benchmark").decode()


def call(method, url, body=None, headers=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json", **(headers or {})}, method=method)
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.loads(answer.read() or b"null")


def control(path, body):
    return call("POST", SANDBOX + "/sandbox" + path, body)


class Service:
    """The process under test."""

    def __init__(self):
        self.deaths = 0
        self.start()

    def start(self):
        self.log = open(f"{DIRECTORY}/connector.{self.deaths}.log", "w+")
        self.process = subprocess.Popen(
            [BUILD + "/pipedrive-connector", "serve", "--config", DIRECTORY + "/connector.yaml"],
            stdout=self.log, stderr=subprocess.STDOUT)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            self.log.seek(0)
            if any(line.startswith("ready") for line in self.log):
                return
            time.sleep(0.02)
        sys.exit("the service did not start")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.deaths += 1
        self.start()


def gather():
    """The sandbox's webhooks for all changes, taken by a receiver that says yes at once."""
    bodies = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
        daemon_threads = True
        request_queue_size = 1024

    server = Server(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hook = control("/pipedrive/webhooks", {
        "subscription_url": f"http://127.0.0.1:{server.server_address[1]}/", "event_action": "*",
        "event_object": "person", "name": "storm", "version": "2.0"})
    changes = 0
    for words in ("First {id}", "Second {id}"):
        for begin in range(1, PERSONS + 1, 500):
            changes += control("/pipedrive/persons/bulk", {
                "from": begin, "to": min(begin + 499, PERSONS), "changes": {"name": words}})["changed"]
            wait_for(lambda: len(bodies) >= changes, f"{changes} webhooks of the sandbox")
    for person in range(1, PERSONS + 1, 50):
        try:
            control(f"/pipedrive/persons/{person}", {"name": f"Third {person}"})
            changes += 1
        except urllib.error.HTTPError:  # deleted
            pass
    wait_for(lambda: len(bodies) >= changes, "the last webhooks of the sandbox")
    call("DELETE", f"{SANDBOX}/sandbox/pipedrive/webhooks/{hook['data']['id']}")
    server.shutdown()
    return bodies


def wait_for(condition, what, seconds=300):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit("waited in vain for " + what)
        time.sleep(0.02)


def shuffled(bodies, rate):
    """With copies, each delivery late by up to two seconds at this rate."""
    source = random.Random(1)
    deliveries = list(bodies)
    deliveries += source.sample(bodies, min(len(bodies), int(len(bodies) * COPIES)))
    deliveries = deliveries[:DELIVERIES]
    places = {}
    for place, body in enumerate(bodies):
        places.setdefault(id(body), place)
    order = [(places[id(body)] * (1 + COPIES) / rate + source.uniform(0, SHUFFLED_WITHIN_S), i)
             for i, body in enumerate(deliveries)]
    return [deliveries[i] for _, i in sorted(order)]


class Storm:
    """Sends everything until all of it is acknowledged."""

    def __init__(self, deliveries):
        self.left = queue.SimpleQueue()
        for delivery in deliveries:
            self.left.put(delivery)
        self.wanted = len(deliveries)
        self.acknowledged = 0
        self.refused = collections.Counter()
        self.latencies = []
        self.lock = threading.Lock()

    def run(self):
        self.threads = [threading.Thread(target=self.send, daemon=True) for _ in range(SENDERS)]
        self.begin = time.monotonic()
        for thread in self.threads:
            thread.start()

    def done(self):
        return self.acknowledged >= self.wanted

    def send(self):
        connection = None
        while not self.done():
            try:
                body = self.left.get(timeout=0.05)
            except queue.Empty:
                continue
            began = time.monotonic()
            try:
                if connection is None:
                    connection = http.client.HTTPConnection(PUBLIC, timeout=10)
                connection.request("POST", "/webhooks/pipedrive", body,
                                   {"authorization": AUTHORIZATION, "content-type": "application/json"})
                answer = connection.getresponse()
                answer.read()
                status = answer.status
            except (OSError, http.client.HTTPException):
                status = "no answer"
                connection = None
            with self.lock:
                if isinstance(status, int) and 200 <= status < 300:
                    self.acknowledged += 1
                    self.latencies.append(time.monotonic() - began)
                    continue
                self.refused[status] += 1
            self.left.put(body)
            time.sleep(0.01)


def metrics():
    with urllib.request.urlopen(f"http://{ADMIN}/metrics", timeout=30) as answer:
        return answer.read().decode()


def quiet():
    try:
        text = metrics()
    except OSError:
        return False
    return all(f'{queue_}{{connection="default"}} 0\n' in text for queue_ in (
        "sync_dirty_contacts", "sync_open_imports", "sync_inbox_webhooks", "sync_outbox_events"))


def source_names():
    """What Pipedrive says of every person that has an address: the name by the address."""
    names, doubled, cursor = {}, set(), ""
    while True:
        page = call("GET", f"{SANDBOX}/api/v2/persons?limit=500" + (f"&cursor={cursor}" if cursor else ""),
                    headers={"x-api-token": "sandbox-pipedrive-token"})
        for person in page["data"]:
            for email in (person.get("emails") or [])[:1]:
                address = email["value"].strip().lower()
                if address in names:
                    doubled.add(address)  # of several persons with one contact the lowest id gives the fields
                else:
                    names[address] = person["name"]
        cursor = page["additional_data"].get("next_cursor")
        if not cursor:
            return names, doubled


def judge(bodies, storm, service):
    wrong = []
    # What makes one event: a person's changes of one second. It is told with the time of one of them.
    wanted, moments = set(), {}
    for body in bodies:
        change = json.loads(body)
        key = (str(change["data"]["id"]), change["data"]["update_time"])
        wanted.add(key)
        moments[(key[0], change["meta"]["timestamp"][:19])] = key
    told = collections.Counter()
    unknown = 0
    for event in call("GET", SANDBOX + "/sandbox/events"):
        key = moments.get((event["event_properties"]["id"], event["event_date"][:19]))
        if key is None:
            unknown += 1
        else:
            told[key] += 1
    twice = sum(count - 1 for count in told.values())
    untold = len(wanted) - len(told)
    failures = subprocess.run(
        [BUILD + "/pipedrive-connector", "failures", "list", "--json", "--limit", "100000", "--address", GRPC],
        capture_output=True, text=True, check=False).stdout
    homeless = failures.count("has no contact in Brevo")
    ambiguous = failures.count("FAILURE_REASON_AMBIGUOUS")
    print(f"  changes {len(wanted)}, Brevo events {sum(told.values())}, twice {twice}, of persons without a contact "
          f"{homeless}, not told {untold}, of no change {unknown}, ambiguous for ever {ambiguous}")
    if unknown:
        wrong.append("events of no change")
    if untold != homeless:
        wrong.append(f"{untold} changes have no event, {homeless} have no contact")
    if twice:
        wrong.append("events were sent twice; after a kill only those count that could not be looked up")
    names, doubled = source_names()
    differing = compared = 0
    with urllib.request.urlopen(SANDBOX + "/sandbox/state", timeout=300) as answer:
        for contact in json.loads(answer.read())["contacts"]:
            name = names.get((contact.get("email") or "").lower())
            if name is None or contact["email"].lower() in doubled:
                continue
            compared += 1
            differing += contact["attributes"].get("FULLNAME") != name
    print(f"  contacts compared with the source {compared}, differing {differing}")
    if differing:
        wrong.append("contacts differ from the source")
    before = call("GET", SANDBOX + "/sandbox/stats")
    run = subprocess.run([BUILD + "/pipedrive-connector", "sync", "persons", "--full", "--json", "--address", GRPC],
                         capture_output=True, text=True, check=False)
    after = call("GET", SANDBOX + "/sandbox/stats")
    left = after["brevo"]["writes"] - before["brevo"]["writes"]
    print(f"  a full sync afterwards: exit code {run.returncode}, writes {left}; "
          f"rate violations {after['rate_violations']}")
    if run.returncode or left:
        wrong.append("a full sync found something to write")
    if after["rate_violations"]:
        wrong.append("rate limits were passed")
    for text in wrong:
        print("  WRONG: " + text)
    return 1 if wrong else 0


def main():
    bodies = gather()
    control("/stats/reset", {})
    service = Service()
    deliveries = shuffled(bodies, 5000)
    storm = Storm(deliveries)
    storm.run()
    for kill in range(1, KILLS + 1):
        wait_for(lambda: storm.acknowledged >= storm.wanted * kill // (KILLS + 1), "acknowledgements")
        service.kill()
    wait_for(storm.done, "the last acknowledgements")
    took = time.monotonic() - storm.begin
    latencies = sorted(storm.latencies)
    print(f"  {len(bodies)} changes, {storm.wanted} deliveries acknowledged in {took:.1f} s with {service.deaths} deaths "
          f"({storm.wanted / took:.0f} a second; p50 {latencies[len(latencies) // 2] * 1e3:.1f} ms, "
          f"p99 {latencies[len(latencies) * 99 // 100] * 1e3:.1f} ms), not acknowledged at first {dict(storm.refused)}")
    began = time.monotonic()
    wait_for(quiet, "everything to be applied", 900)
    print(f"  all applied {time.monotonic() - began:.1f} s later")
    status = judge(bodies, storm, service)
    service.process.terminate()
    service.process.wait()
    sys.exit(status)


if __name__ == "__main__":
    main()
