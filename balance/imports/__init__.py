"""Lines from other people's annotations: read, rectified, written as crops and labels."""

__all__: tuple[str, ...] = ()
