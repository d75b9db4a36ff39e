"""HTTP only: no query, no rule, no commit."""
