"""What the house promises, as sentences."""
