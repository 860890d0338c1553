"""The pages of the digest: archive and feeds for everybody, confirming, choosing and leaving by signed links.

    python -m digest web

No script is needed to use them, nothing is loaded from elsewhere, and no GET changes anything. Who may do what is said
in `digest.subscribers`; here it is only shown.
"""
