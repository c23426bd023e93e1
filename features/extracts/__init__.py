"""From a partner's file to a load, whole or not at all."""
