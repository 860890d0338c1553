"""The accuracy report: our answers against rows that others measured. Reads files, changes nothing."""
