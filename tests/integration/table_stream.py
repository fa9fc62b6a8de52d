"""The table's stream on moto, handed to the function in batches as Lambda does."""

from typing import Any

from botocore.config import Config
from botocore.session import get_session

from paylatch.store.connection import TableConnection
from tests.conftest import REGION
from tests.orders_table import client_of


class TableStream:
    """All records since the table was made, in order."""

    def __init__(self, table: TableConnection) -> None:
        arn = client_of(table).describe_table(TableName=table.table)["Table"]["LatestStreamArn"]
        self._streams = _streams_client()
        shard = self._streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
        self._place = {"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}

    def batch(self) -> dict[str, Any]:
        """The event that the function would be given with every record so far."""
        iterator = self._streams.get_shard_iterator(**self._place)["ShardIterator"]
        records = self._streams.get_records(ShardIterator=iterator)["Records"]
        return {"Records": [record for record in records if _is_whole(record)]}


def _streams_client() -> Any:
    # moto does not know the endpoints that carry the account's number.
    config = Config(account_id_endpoint_mode="disabled")
    return get_session().create_client("dynamodbstreams", region_name=REGION, config=config)


def _is_whole(record: dict[str, Any]) -> bool:
    # moto makes an item by update in two steps, first its keys alone; DynamoDB's stream has one record of the whole
    # item.
    change = record["dynamodb"]
    return "NewImage" not in change or change["NewImage"].keys() > change["Keys"].keys()
