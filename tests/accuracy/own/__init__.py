"""Questions and descriptions of our own, labelled by hand from the entries; no part of the truth rows.

`definitions.tsv`: ids, question. `questions.tsv`: model, hardware
(`2x name@GiB; …`), further fields, question. They were written before the matchers were tuned on them.
"""
