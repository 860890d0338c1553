"""Questions about fits of our own, labelled by hand; no part of the truth rows.

`questions.tsv`: model, hardware (`2x name@GiB; …`), further fields, question. They were written before the parser was
tuned on them.
"""
