"""Lambda's context of an invocation, for functions, which import this package before any library."""

from aws_lambda_powertools.utilities.typing import LambdaContext as LambdaContext
