// node search.mjs TERM: find persons by text, page by page.
import { call, connector, main } from './client.mjs';

await main(async () => {
  const request = {
    term: process.argv[2], item_types: ['SEARCH_ITEM_TYPE_PERSON'], page_size: 20,
  };
  do {
    const page = await call(connector, 'SearchItems', request, 10);
    for (const item of page.items) {
      console.log(`person ${item.id}: ${item.title} ${item.person.emails.join(' ')}`);
    }
    request.page_token = page.next_page_token;
  } while (request.page_token);
});
