"""The commands of `balance`, one module each."""

__all__: tuple[str, ...] = ()
