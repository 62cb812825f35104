"""Tests of caching decisions."""
