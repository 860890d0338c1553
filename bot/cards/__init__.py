"""Answers as cards: what stands where, in which words and colours. Pure: an answer in, cards out.

`fit` has "will it run?", `needs` what it takes, `tables` several answers in one, `words` terms and errors,
`catalogue` models, devices and tools, `notes` everything else, `common` what they share. Every text that came from a
person or from data goes through bot.text, every text of ours comes from bot.say. components.py turns cards into
Discord's components.
"""

from bot.cards.catalogue import device_reply, model_reply, tool_reply
from bot.cards.fit import fit_card, hardware_text, memory_block, memory_free, memory_parts, speed_text, working_card
from bot.cards.needs import needs_reply, place_text
from bot.cards.notes import broken_reply, done_reply, help_reply, note_reply, open_reply, problem_reply
from bot.cards.pages import page_card, parts_of
from bot.cards.tables import Story, best_reply, compare_reply, cost_reply, pulse_reply, ranked_reply
from bot.cards.words import error_card, errors_reply, term_card, terms_reply

__all__ = [
    "Story",
    "best_reply",
    "broken_reply",
    "compare_reply",
    "cost_reply",
    "device_reply",
    "done_reply",
    "error_card",
    "errors_reply",
    "fit_card",
    "hardware_text",
    "help_reply",
    "memory_block",
    "memory_free",
    "memory_parts",
    "model_reply",
    "needs_reply",
    "note_reply",
    "open_reply",
    "page_card",
    "parts_of",
    "place_text",
    "problem_reply",
    "pulse_reply",
    "ranked_reply",
    "speed_text",
    "term_card",
    "terms_reply",
    "tool_reply",
    "working_card",
]
