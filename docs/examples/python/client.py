"""Stubs of the connector's services. CONNECTOR is its address; without TLS here.

The modules of the contract are made once, from the repository's root:

    protoc -I proto --python_out=GENERATED --grpc_out=GENERATED \\
        --plugin=protoc-gen-grpc=/usr/bin/grpc_python_plugin proto/pipedrive_connector/v1/*.proto

and are found with PYTHONPATH=GENERATED.
"""
import os
import sys

import grpc
from pipedrive_connector.v1 import operations_pb2_grpc, records_pb2_grpc, service_pb2_grpc

_channel = grpc.insecure_channel(os.environ.get("CONNECTOR", "127.0.0.1:9090"))
connector = service_pb2_grpc.PipedriveConnectorStub(_channel)
operations = operations_pb2_grpc.OperationsStub(_channel)
records = records_pb2_grpc.PipedriveRecordsStub(_channel)


def main(example):
    """Runs an example; an error shows its status and what to mend."""
    try:
        sys.exit(example())
    except grpc.RpcError as error:
        sys.exit(f"{error.code().name}: {error.details()}")
