"""What a finished run looks like: contact sheet and distributions."""
