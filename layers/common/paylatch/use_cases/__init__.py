"""The use cases of Paylatch, written with the domain and the ports alone."""
