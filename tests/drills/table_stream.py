"""The stream of a stack's table: held back, let through again, and delivered once more."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from local import aws
from local.stack import Stack
from tests.drills.functions import invoke

CONSUMER = "OrderEventsFunction"
# Of one batch.
MOST_RECORDS = 100


@dataclass(frozen=True, slots=True)
class TableStream:
    """What the consumer of the history gets, and when."""

    stack: Stack

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Within this context, the consumer gets no records; afterwards it gets all that came meanwhile."""
        self._enable(False)
        try:
            yield
        finally:
            self._enable(True)

    def deliver_again(self) -> int:
        """Deliver every record of a head so far once more, in sequence; the number of records."""
        records = [record for record in self._records() if record["dynamodb"]["Keys"]["sk"]["S"] == "HEAD"]
        for first in range(0, len(records), MOST_RECORDS):
            answer = invoke(self.stack, CONSUMER, {"Records": records[first : first + MOST_RECORDS]})
            if answer.get("batchItemFailures") != []:
                raise AssertionError(f"the consumer failed: {answer}")
        return len(records)

    def _records(self) -> Iterator[Mapping[str, Any]]:
        client = self._client("dynamodbstreams")
        arn = self._client("dynamodb").describe_table(TableName=self.stack.table)["Table"]["LatestStreamArn"]
        for shard in client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
            first = client.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
            after = first["ShardIterator"]
            while after:
                page = client.get_records(ShardIterator=after, Limit=1000)
                yield from page["Records"]
                after = page.get("NextShardIterator") if page["Records"] else None

    def _enable(self, enabled: bool) -> None:
        client = self._client("lambda")
        for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
            if self.stack.functions[CONSUMER].rpartition(":")[2] in mapping["FunctionArn"]:
                client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)

    def _client(self, service: str) -> Any:
        session: Any = aws.session()
        return session.client(service, endpoint_url=self.stack.aws_endpoint_url)
