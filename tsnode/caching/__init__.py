"""Floor 2: RFC 9111 as decisions over values."""
