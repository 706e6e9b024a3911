// node connect.mjs: is the service there, and can it work?
import { call, main, operations } from './client.mjs';

await main(async () => {
  const { status } = await call(operations, 'GetStatus', {});
  console.log(`release ${status.version}, ${status.ready ? 'ready' : 'not ready'}`);
  for (const problem of status.problems) console.log(`to mend: ${problem}`);
  for (const one of status.connections) {
    console.log(`${one.connection}: Pipedrive ${one.pipedrive.state}, Brevo ${one.brevo.state}`);
  }
});
