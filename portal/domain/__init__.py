"""PURE PYTHON: the rules and values of the field; imports nothing of the house."""
