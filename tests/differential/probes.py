"""`python -m tests.differential.probes`: requests that emulators answer differently, and what each of them says.

The product sends only the second of them; they show how far an emulator without an error can be trusted.
"""

import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import get_session

from tests.differential.emulators import EMULATORS, REGION
from tests.differential.official import OfficialMissing
from tests.orders_table import TABLE, client_of

KEY = {"pk": {"S": "ORDER#1"}, "sk": {"S": "HEAD"}}
ONE = {":one": {"N": "1"}}
Probe = Callable[[Any], str]


def _set_at(client: Any, **attributes: Any) -> None:
    client.put_item(TableName=TABLE, Item={**KEY, **attributes})


def _update(client: Any, expression: str, **more: Any) -> Any:
    return client.update_item(TableName=TABLE, Key=KEY, UpdateExpression=expression, **more)


def reserved_word(client: Any) -> str:
    """`Query` with `KeyConditionExpression: "shard = :s"`, a reserved word unescaped"""
    values = {":s": {"S": "1"}}
    client.query(
        TableName=TABLE, IndexName="due", KeyConditionExpression="shard = :s", ExpressionAttributeValues=values
    )
    return "taken"


def old_item(client: Any) -> str:
    """`UpdateItem` refused, with `ReturnValuesOnConditionCheckFailure: "ALL_OLD"`"""
    _set_at(client, n={"N": "7"})
    try:
        _update(
            client,
            "SET n = :one",
            ConditionExpression="n = :one",
            ExpressionAttributeValues=ONE,
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except client.exceptions.ConditionalCheckFailedException as error:
        return "brings the item" if error.response.get("Item", {}).get("n") == {"N": "7"} else "brings nothing"
    return "not refused"


def token_replayed(client: Any) -> str:
    """`TransactWriteItems` with `SET n = n + :one`, twice with one `ClientRequestToken`"""
    _set_at(client, n={"N": "0"})
    update = {"TableName": TABLE, "Key": KEY, "UpdateExpression": "SET n = n + :one", "ExpressionAttributeValues": ONE}
    for _ in range(2):
        client.transact_write_items(TransactItems=[{"Update": update}], ClientRequestToken="the-same-token")
    number = client.get_item(TableName=TABLE, Key=KEY)["Item"]["n"]["N"]
    return "applied once" if number == "1" else "applied twice"


def overlapping_paths(client: Any) -> str:
    """`UpdateItem` with `SET m = :map, m.a = :one`, two paths that overlap"""
    _set_at(client, m={"M": {}})
    _update(client, "SET m = :map, m.a = :one", ExpressionAttributeValues={**ONE, ":map": {"M": {}}})
    return "taken"


def parent_missing(client: Any) -> str:
    """`UpdateItem` with `SET nowhere.a = :one`, the parent missing"""
    _set_at(client)
    _update(client, "SET nowhere.a = :one", ExpressionAttributeValues=ONE)
    return "taken"


def unused_value(client: Any) -> str:
    """`UpdateItem` with a value that no expression uses"""
    _update(client, "SET n = :one", ExpressionAttributeValues={**ONE, ":two": {"N": "2"}})
    return "taken"


def empty_key(client: Any) -> str:
    """`PutItem` with an empty string as an index's key: `shard: ""`"""
    _set_at(client, shard={"S": ""}, due_at={"S": "2026"})
    return "taken"


def too_large(client: Any) -> str:
    """`PutItem` of 401 KB"""
    _set_at(client, text={"S": "x" * 401 * 1024})
    return "taken"


def too_precise(client: Any) -> str:
    """`PutItem` with a number of 39 digits"""
    _set_at(client, n={"N": "1" * 39})
    return "taken"


def consistent_index(client: Any) -> str:
    """`Query` of a global index with `ConsistentRead`"""
    client.query(
        TableName=TABLE,
        IndexName="due",
        ConsistentRead=True,
        KeyConditionExpression="#s = :s",
        ExpressionAttributeNames={"#s": "shard"},
        ExpressionAttributeValues={":s": {"S": "1"}},
    )
    return "taken"


def index_units(client: Any) -> str:
    """`UpdateItem` that enters an index, with `ReturnConsumedCapacity: "TOTAL"` (the service says 2)"""
    client.delete_item(TableName=TABLE, Key=KEY)
    answer = _update(
        client,
        "SET #s = :s, due_at = :s",
        ExpressionAttributeNames={"#s": "shard"},
        ExpressionAttributeValues={":s": {"S": "1"}},
        ReturnConsumedCapacity="TOTAL",
    )
    return f"{answer.get('ConsumedCapacity', {}).get('CapacityUnits', 0):g} units"


def stream_of_a_creating_update(client: Any) -> str:
    """`UpdateItem` that makes an item: how many records the stream gets"""
    client.delete_item(TableName=TABLE, Key=KEY)
    arn = client.describe_table(TableName=TABLE)["Table"]["LatestStreamArn"]
    streams: Any = get_session().create_client(
        "dynamodbstreams",
        region_name=REGION,
        endpoint_url=client.meta.endpoint_url if "127.0.0.1" in client.meta.endpoint_url else None,
        config=Config(account_id_endpoint_mode="disabled"),
    )
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    place = {"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}

    def records() -> int:
        return len(streams.get_records(ShardIterator=streams.get_shard_iterator(**place)["ShardIterator"])["Records"])

    before = records()
    _update(client, "SET n = :one", ExpressionAttributeValues=ONE)
    return f"{records() - before}"


PROBES: tuple[Probe, ...] = (
    reserved_word,
    old_item,
    token_replayed,
    overlapping_paths,
    parent_missing,
    unused_value,
    empty_key,
    too_large,
    too_precise,
    consistent_index,
    index_units,
    stream_of_a_creating_update,
)


def answers(emulator: str) -> list[str]:
    """That emulator's answer to each probe."""
    try:
        with EMULATORS[emulator]() as table:
            return [_answer(probe, client_of(table)) for probe in PROBES]
    except OfficialMissing:
        return ["not run"] * len(PROBES)


def main() -> int:
    """Print the table as it stands in docs/emulators.md."""
    with ProcessPoolExecutor(len(EMULATORS), mp_context=get_context("spawn")) as pool:
        columns = list(pool.map(answers, EMULATORS))
    rows = [["request", *EMULATORS], ["---"] * (1 + len(EMULATORS))]
    rows += [[str(probe.__doc__), *said] for probe, *said in zip(PROBES, *columns, strict=True)]
    for row in rows:
        sys.stdout.write(f"| {' | '.join(row)} |\n")
    return 0


def _answer(probe: Probe, client: Any) -> str:
    try:
        return probe(client)
    except ClientError as error:
        return f"`{error.response['Error']['Code']}`"


if __name__ == "__main__":
    sys.exit(main())
