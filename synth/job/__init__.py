"""One run put together: from options to a plan, faces and a setup."""
