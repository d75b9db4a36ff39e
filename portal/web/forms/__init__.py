"""Forms, one module a noun: what may be typed, never what it means."""
