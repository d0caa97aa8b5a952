"""Fine-tuning a detector on labelled pages: plan, steps, blends, what is left of them."""

__all__: tuple[str, ...] = ()
