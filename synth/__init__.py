"""The rendering engine: text-line images whose labels are never wrong."""
