"""Our readers beside those of others: what we accept they read the same way."""
