"""Floor 8: contract suites, hypothesis strategies and a node in memory."""
