"""Use cases, named by verbs: the viewer is the first argument, one command is one transaction."""
