"""Federated statistics, for vantage6 3.x: an average, and a logistic regression.

What a node can call is what this module offers: masters by their names, and what organizations
compute on their own rows by names that begin with RPC_.
"""

from v6_statistics.average import RPC_average_partial, average
from v6_statistics.regression import RPC_derivatives, logistic_regression

__all__ = ["RPC_average_partial", "RPC_derivatives", "average", "logistic_regression"]
