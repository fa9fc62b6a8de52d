"""The HTTP API as OpenAPI 3.1, made from what the functions themselves use. Loaded only when it is asked for."""
