"""Floor 6: sockets, and nothing that decides."""
