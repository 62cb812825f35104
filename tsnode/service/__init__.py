"""Floor 7: a service tree from a configuration."""
