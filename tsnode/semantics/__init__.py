"""Floor 1: HTTP as its specifications have it; octets to values and back."""
