"""Change the product's rules one by one and run the tests: ``python -m tests.mutations``. See docs/mutations.md."""
