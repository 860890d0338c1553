"""From people's words to ids: names resolved, free text read as a FitQuestion. No I/O, no estimates, no definitions."""
