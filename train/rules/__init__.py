"""Rules that mend readings without training: how they are found, and what they surely gain."""
