"""python3 deal_stage_changed.py DEAL NEW_STAGE: tell the connector that a deal changed its stage, then ask
why the contact is on which list."""
import sys

from pipedrive_connector.v1 import service_pb2

from client import connector, main


def deal_stage_changed():
    deal, stage = int(sys.argv[1]), int(sys.argv[2])
    # A hint: the deal is read again before anything is done. `wait` answers when its contact is written.
    request = service_pb2.HandleWebhookRequest(wait=True)
    request.topic_event.topic = "deal.stage_changed"
    request.topic_event.payload.update({"dealId": deal, "newStage": stage})
    heard = connector.HandleWebhook(request, timeout=30)
    print(service_pb2.WebhookOutcome.Name(heard.outcome), heard.detail)

    lists = connector.MapDealStage(
        service_pb2.MapDealStageRequest(deal_id=deal, dry_run=True), timeout=30)
    for what, reasons in (("would join", lists.lists_joined), ("would leave", lists.lists_left),
                          ("stays on", lists.lists_kept), ("withheld", lists.lists_withheld)):
        for one in reasons:
            print(f"{what} list {one.list_id}: {one.reason}")
    for warning in lists.warnings:
        print(f"warning: {warning}")


main(deal_stage_changed)
