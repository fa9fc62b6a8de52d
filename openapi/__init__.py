"""The HTTP API as OpenAPI 3.1, made at build time from the types and routes that the functions use."""
