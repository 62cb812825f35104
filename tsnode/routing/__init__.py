"""Floor 2: who may ask for what, and what a request is turned into."""
