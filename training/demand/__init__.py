"""Demand: numbers by area and month, forecast beside a naive one."""
