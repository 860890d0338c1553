"""Tests of the curated content itself."""
