"""Who may ask for what, and what a request is turned into."""
