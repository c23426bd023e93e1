"""From a snapshot to a judged model: the training program."""
