"""Real sockets and real programs; what needs a program that is missing here skips and says so."""
