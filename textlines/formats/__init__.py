"""The files that cross tools: each typed and versioned, with one reader and one writer."""
