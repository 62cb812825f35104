"""Floor 0: the values everything else is made of."""
