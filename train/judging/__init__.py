"""Judging a recognizer: what it misreads, how well it reads, whether it may replace its base."""
