"""The gate: did the target get better, and nothing else worse, on lines that nobody trained on."""
