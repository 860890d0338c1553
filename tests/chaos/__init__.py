"""Processes killed at random moments: what must hold whatever the moment."""
