"""Tables: a model as data, which scores and explains by looking up."""
