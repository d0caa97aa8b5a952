"""What a recognizer is on disk: how it is found, its files, their records, its dictionary."""

__all__: tuple[str, ...] = ()
