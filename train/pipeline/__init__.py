"""The line from misreadings to a verdict as one command: which stages, run how, skipped when."""

__all__: tuple[str, ...] = ()
