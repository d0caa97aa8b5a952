"""One sample: from a plan row to pixels that are proven legible."""
