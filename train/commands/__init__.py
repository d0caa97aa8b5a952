"""What the `train` commands do, one module a command."""

__all__: tuple[str, ...] = ()
