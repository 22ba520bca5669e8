"""The neighbourhood without a web: what it is, where it is kept, what can be asked of it."""
