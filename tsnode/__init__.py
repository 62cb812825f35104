"""A caching HTTP proxy node for cache hierarchies."""
