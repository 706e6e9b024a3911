// node deal_stage_changed.mjs DEAL NEW_STAGE: tell the connector that a deal changed its stage, then ask why
// the contact is on which list.
import { call, connector, main } from './client.mjs';

const [deal, stage] = process.argv.slice(2);
const number = (value) => ({ numberValue: Number(value) });

await main(async () => {
  // A hint: the deal is read again before anything is done. `wait` answers when its contact is written.
  const heard = await call(connector, 'HandleWebhook', {
    topic_event: {
      topic: 'deal.stage_changed',
      payload: { fields: { dealId: number(deal), newStage: number(stage) } },
    },
    wait: true,
  });
  console.log(`${heard.outcome} ${heard.detail}`);

  const lists = await call(connector, 'MapDealStage', { deal_id: deal, dry_run: true });
  for (const [what, reasons] of Object.entries({
    'would join': lists.lists_joined, 'would leave': lists.lists_left,
    'stays on': lists.lists_kept, withheld: lists.lists_withheld,
  })) {
    for (const one of reasons) console.log(`${what} list ${one.list_id}: ${one.reason}`);
  }
  for (const warning of lists.warnings) console.log(`warning: ${warning}`);
});
