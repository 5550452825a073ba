"""Twenty faults on a running installation, one after another."""
