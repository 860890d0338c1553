"""Recognises which glossary terms a question is about and which error a pasted log shows. No I/O, no estimates."""
