"""Floor 6: where alternates live."""
