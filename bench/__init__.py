"""Side-by-side runs of tsnode and of the proxies it is measured against."""
