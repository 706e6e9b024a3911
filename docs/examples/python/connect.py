"""python3 connect.py: is the service there, and can it work?"""
from pipedrive_connector.v1 import operations_pb2, status_pb2

from client import main, operations


def connect():
    # Without a timeout a call could wait for long.
    status = operations.GetStatus(operations_pb2.GetStatusRequest(), timeout=30).status
    print(f"release {status.version}, {'ready' if status.ready else 'not ready'}")
    for problem in status.problems:
        print(f"to mend: {problem}")
    for one in status.connections:
        pipedrive = status_pb2.AccountState.Name(one.pipedrive.state)
        brevo = status_pb2.AccountState.Name(one.brevo.state)
        print(f"{one.connection}: Pipedrive {pipedrive}, Brevo {brevo}")


main(connect)
