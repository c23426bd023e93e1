"""The desk: what may be asked and done here, always on record. No HTTP."""
