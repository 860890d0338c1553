"""Tests of this part; see the modules."""
