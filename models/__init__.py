"""What a score is: its definition, its model as data, its words, its ledger."""
