"""Floor 3: Traffic Server's configuration files, read into one frozen tree."""
