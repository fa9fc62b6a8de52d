"""A random walk of payers, a seller and a faulty gateway through the pages of a deployed local stack."""
