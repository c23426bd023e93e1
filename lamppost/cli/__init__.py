"""The command line: verbs, their options, and what each prints."""
