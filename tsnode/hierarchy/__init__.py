"""Floor 2: where a request goes next."""
