"""Nodes as services."""
