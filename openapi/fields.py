"""Schemas of single values: those of responses, and those of parameters and headers."""

from openapi.schemas import Schema, schema_of
from paylatch.runtime import response_fields

ORDER_ID = schema_of(response_fields.OrderId)
ATTEMPT_ID = schema_of(response_fields.AttemptId)
REFUND_ID = schema_of(response_fields.RefundId)
GATEWAY = schema_of(response_fields.GatewayName)
COUNT = schema_of(response_fields.Count)
TIMESTAMP = schema_of(response_fields.Timestamp)
TEXT = schema_of(str)
ETAG: Schema = {"type": "string", "pattern": r'^"[1-9][0-9]{0,8}\.[1-9][0-9]{0,8}"$'}
IF_MATCH: Schema = {"type": "string", "pattern": r'^(W/)?"[1-9][0-9]{0,8}(\.[1-9][0-9]{0,8})?"$'}
IDEMPOTENCY_KEY: Schema = {"type": "string", "pattern": "^[!-~]{1,255}$"}
