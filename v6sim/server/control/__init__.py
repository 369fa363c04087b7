"""Everything of ours that vantage6 has not, under /_v6sim/."""
