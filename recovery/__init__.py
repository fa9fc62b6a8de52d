"""What an operator runs to work on with a restored table."""
