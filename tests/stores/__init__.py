"""Where alternates live."""
