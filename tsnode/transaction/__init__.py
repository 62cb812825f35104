"""Floor 5: the journey of one request."""
