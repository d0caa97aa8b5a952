"""Many samples: shards, workers, resuming, merging."""
