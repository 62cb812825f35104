"""Stories about a whole node, in memory and in virtual time."""
