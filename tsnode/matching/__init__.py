"""Which lines of a rule file are for a request: destinations, specifiers and the index over them."""
