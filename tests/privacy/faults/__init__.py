"""Leaks planted on purpose: each is a way in which such products have told one partner about the other."""
