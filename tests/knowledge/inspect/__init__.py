"""Tests of knowledge.inspect."""
