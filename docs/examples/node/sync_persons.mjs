// node sync_persons.mjs [--dry-run]: sync persons and watch the progress.
import { connector, main } from './client.mjs';

await main(async () => {
  const stream = connector.SyncPersons({ dry_run: process.argv.includes('--dry-run') });
  let last;
  // A client that goes away stops nothing: the run goes on, and `follow_run_id` watches it again.
  for await (const { progress } of stream) {
    last = progress;
    console.log(`${progress.phase} read ${progress.read} created ${progress.created} ` +
                `updated ${progress.updated} unchanged ${progress.unchanged}`);
  }
  console.log(`run ${last.run_id}: ${last.state} ${last.error}`);
  if (last.state !== 'RUN_STATE_SUCCEEDED') process.exitCode = 1;
});
