"""What leaves the building: values in, bytes out; no database."""
