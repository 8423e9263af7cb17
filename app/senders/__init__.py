"""Adapters to the outside; imported by the worker only."""
