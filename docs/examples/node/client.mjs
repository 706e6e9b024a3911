// Clients of the connector's services. CONNECTOR is its address; without TLS here.
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const proto = fileURLToPath(new URL('../../../proto', import.meta.url));
const definition = loader.loadSync(
  ['service.proto', 'operations.proto', 'records.proto'].map((f) => `pipedrive_connector/v1/${f}`),
  // Numbers of 64 bits become texts, as JavaScript's own numbers can't hold all of them.
  { includeDirs: [proto], keepCase: true, longs: String, enums: String, defaults: true });
const { v1 } = grpc.loadPackageDefinition(definition).pipedrive_connector;

const address = process.env.CONNECTOR ?? '127.0.0.1:9090';
const open = (Service) => new Service(address, grpc.credentials.createInsecure());
export const connector = open(v1.PipedriveConnector);
export const operations = open(v1.Operations);
export const records = open(v1.PipedriveRecords);

// Calls a method that answers once. Without a deadline a call could wait for the quota for long.
export function call(client, method, request, seconds = 30) {
  const bound = client[method].bind(client);
  return promisify(bound)(request, { deadline: Date.now() + seconds * 1000 });
}

// Runs an example; an error shows its status and what to mend.
export async function main(example) {
  try {
    await example();
  } catch (error) {
    console.error(`${grpc.status[error.code] ?? 'error'}: ${error.details ?? error.stack}`);
    process.exitCode = 1;
  }
}
