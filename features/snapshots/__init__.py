"""From records to values: indicators, outcomes and what is behind them."""
