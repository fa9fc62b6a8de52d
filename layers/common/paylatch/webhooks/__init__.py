"""Signed webhooks over HTTP, by the Standard Webhooks specification (https://www.standardwebhooks.com)."""
