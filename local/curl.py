"""The smoke test as calls to copy and paste."""

from pathlib import Path
from shlex import quote

from local.stack import Stack

_CALLS = """\
# In bash:
API={api_url}
STACK_FILE={stack_file}
token() {{ python3 -c "import json, sys; print(json.load(open(sys.argv[1]))['tokens']['$1'])" "$STACK_FILE"; }}
field() {{ python3 -c "import json, sys; print(json.load(sys.stdin)['$1'])"; }}
as() {{ curl -s -H "Authorization: Bearer $(token $1)" -H 'Content-Type: application/json' "${{@:2}}"; echo; }}

# The shop creates an order: two packets of tea.
create() {{ as service $API/orders -d '{{"reference": "'$1'", "currency": "EUR",
  "buyer_id": "{buyer_id}", "seller_id": "{seller_id}",
  "lines": [{{"sku": "tea-01", "name": "Green tea", "quantity": 2, "unit_price": 1250}}]}}' | field order_id; }}
ORDER=$(create demo-1)

# The buyer goes to pay: the order is locked.
pay() {{ as buyer $API/orders/$ORDER/payments -H "Idempotency-Key: $1" -d '{{"return_url": "https://shop.test/"}}'; }}
ATTEMPT=$(pay first | field attempt_id)

# An edit of the locked order is refused: 409 order-locked.
edit() {{ as buyer -i -X PATCH $API/orders/$ORDER -H 'If-Match: "1"' \\
  -d '{{"lines": [{{"sku": "tea-01", "name": "Green tea", "quantity": 1, "unit_price": 1250}}]}}'; }}
edit

# The buyer cancels the payment: the order is unlocked, and the same edit succeeds.
as buyer -X POST $API/orders/$ORDER/payments/$ATTEMPT/cancellation
edit

# The buyer pays the new amount on the hosted page (or open it in a browser: echo $PAY).
PAY=$(pay second | field pay_url)
curl -s -o /dev/null -d action=pay "$PAY"

# The gateway's callback has settled the order: it is paid. The history shows that it was one order throughout.
as buyer $API/orders/$ORDER
as buyer $API/orders/$ORDER/history

# In a browser: another order, and its payment link. Open the link and press Pay; what you choose on the gateway's page
# leads back to it.
ORDER=$(create demo-2)
as service $API/orders/$ORDER/pay-link -d '{{}}' | field url
"""


def calls(stack: Stack, stack_file: Path) -> str:
    """The smoke test in curl, with this stack's URL and users."""
    return _CALLS.format(
        api_url=stack.api_url,
        stack_file=quote(str(stack_file)),
        buyer_id=stack.buyer_id,
        seller_id=stack.seller_id,
    )
