"""The monthly digest: collects releases, decides what is news, composes, renders and sends. It never speaks Discord."""
