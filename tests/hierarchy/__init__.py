"""Where requests are sent on to."""
