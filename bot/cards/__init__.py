"""Answers as cards: what stands where, in which words and colours. Pure: an answer in, cards out.

`fit` has "will it run?", `words` terms and errors, `notes` everything else, `common` what they share. Every text that
came from a person or from data goes through bot.text. respond.py turns cards into Discord's embeds.
"""

from bot.cards.fit import best_reply, compare_reply, fit_card, hardware_text, memory_block, speed_text
from bot.cards.notes import broken_reply, help_reply, note_reply, open_reply, problem_reply
from bot.cards.words import error_card, errors_reply, term_card, terms_reply

__all__ = [
    "best_reply",
    "broken_reply",
    "compare_reply",
    "error_card",
    "errors_reply",
    "fit_card",
    "hardware_text",
    "help_reply",
    "memory_block",
    "note_reply",
    "open_reply",
    "problem_reply",
    "speed_text",
    "term_card",
    "terms_reply",
]
