"""The portal: two people, one relationship, and a promise about every single answer."""
