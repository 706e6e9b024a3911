"""python3 sync_persons.py [--dry-run]: sync persons and watch the progress."""
import sys

from pipedrive_connector.v1 import run_pb2, service_pb2

from client import connector, main


def sync_persons():
    request = service_pb2.SyncPersonsRequest(dry_run="--dry-run" in sys.argv)
    last = None
    # A client that goes away stops nothing: the run goes on, and `follow_run_id` watches it again.
    for message in connector.SyncPersons(request):
        last = message.progress
        print(f"{run_pb2.RunPhase.Name(last.phase)} read {last.read} created {last.created} "
              f"updated {last.updated} unchanged {last.unchanged}")
    print(f"run {last.run_id}: {run_pb2.RunState.Name(last.state)} {last.error}")
    return 0 if last.state == run_pb2.RUN_STATE_SUCCEEDED else 1


main(sync_persons)
