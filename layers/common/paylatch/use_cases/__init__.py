"""Sentences: what Paylatch does, told with the domain's nouns and the ports alone."""
