"""python3 search.py TERM: find persons by text, page by page."""
import sys

from pipedrive_connector.v1 import search_pb2, service_pb2

from client import connector, main


def search():
    request = service_pb2.SearchItemsRequest(
        term=sys.argv[1], item_types=[search_pb2.SEARCH_ITEM_TYPE_PERSON], page_size=20)
    while True:
        page = connector.SearchItems(request, timeout=10)
        for item in page.items:
            print(f"person {item.id}: {item.title} {' '.join(item.person.emails)}")
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


main(search)
