"""What a recognizer is on disk: how it is found, its files, their records, its dictionary."""
