"""Lines from other people's annotations: read, rectified, written as crops and labels."""
