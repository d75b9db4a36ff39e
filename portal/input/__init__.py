"""What comes in as a file: bytes in, values out, or errors that name the place."""
