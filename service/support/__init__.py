"""A sentence and the quotes it cites: why they do not hold it. `faults` has all the rules."""
