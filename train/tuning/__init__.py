"""Fine-tuning: a plan that says all beforehand, and the run that follows it."""

__all__: tuple[str, ...] = ()
