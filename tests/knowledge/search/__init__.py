"""Tests of glossary and error matching."""
