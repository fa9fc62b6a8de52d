"""The main story as calls to copy and paste."""

from pathlib import Path

from local.stack import Stack

_CALLS = """\
API={api_url}
token() {{ python3 -c "import json,sys; print(json.load(open('{stack_file}'))['tokens'][sys.argv[1]])" "$1"; }}
field() {{ python3 -c "import json,sys; print(json.load(sys.stdin)[sys.argv[1]])" "$1"; }}

# The shop creates an order.
ORDER=$(curl -s $API/orders -H "Authorization: Bearer $(token service)" -H 'Content-Type: application/json' -d '{{
  "reference": "demo-1", "buyer_id": "{buyer_id}", "seller_id": "{seller_id}", "currency": "EUR",
  "lines": [{{"sku": "tea-01", "name": "Green tea", "quantity": 2, "unit_price": 1250}}]}}' | field order_id)

# The buyer goes to pay: the order is locked. The answer has the pay_url.
curl -s $API/orders/$ORDER/payments -H "Authorization: Bearer $(token buyer)" -H 'Content-Type: application/json' \\
  -H "Idempotency-Key: first" -d '{{"return_url": "https://shop.example/thanks"}}' | tee /dev/stderr | field attempt_id > /tmp/attempt

# An edit of the locked order is refused: 409 order-locked.
edit() {{ curl -si -X PATCH $API/orders/$ORDER -H "Authorization: Bearer $(token buyer)" -H 'Content-Type: application/json' \\
  -H 'If-Match: "1"' -d '{{"lines": [{{"sku": "tea-01", "name": "Green tea", "quantity": 1, "unit_price": 1250}}]}}'; }}
edit

# The buyer turns back: the order is unlocked, and the same edit succeeds.
curl -s -X POST $API/orders/$ORDER/payments/$(cat /tmp/attempt)/cancellation -H "Authorization: Bearer $(token buyer)"
edit

# The buyer pays the new amount on the hosted page (or open the pay_url in a browser).
PAY=$(curl -s $API/orders/$ORDER/payments -H "Authorization: Bearer $(token buyer)" -H 'Content-Type: application/json' \\
  -H "Idempotency-Key: second" -d '{{"return_url": "https://shop.example/thanks"}}' | field pay_url)
curl -s -o /dev/null "$PAY" -d action=pay

# The callback has settled the order: paid. One order throughout, and its history.
curl -s $API/orders/$ORDER -H "Authorization: Bearer $(token buyer)"
curl -s $API/orders/$ORDER/history -H "Authorization: Bearer $(token buyer)"
"""


def calls(stack: Stack, stack_file: Path) -> str:
    """The story in curl, with this stack's URL and people in it."""
    return _CALLS.format(
        api_url=stack.api_url, stack_file=stack_file, buyer_id=stack.buyer_id, seller_id=stack.seller_id
    )
