"""The command line: arguments in, cards or JSON out. It decides nothing about answers; `knowledge.answers` does."""
