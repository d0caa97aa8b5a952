"""Finding what a recognizer misreads, from what it read."""
