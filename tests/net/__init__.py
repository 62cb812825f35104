"""What moves octets, in memory."""
