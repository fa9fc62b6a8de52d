"""For an auditor: what ships, which faults of it are known, and whether the source holds a secret."""
