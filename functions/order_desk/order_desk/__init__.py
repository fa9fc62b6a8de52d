"""The order desk's server side: it serves the built application, and has access to no data and no secret."""
