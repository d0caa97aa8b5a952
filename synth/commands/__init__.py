"""One module for each command of `synth`."""

__all__: tuple[str, ...] = ()
