"""The other entry point: what runs without a browser asking for it."""
