"""What is expected of the project itself: its layout, its limits, its public names."""
