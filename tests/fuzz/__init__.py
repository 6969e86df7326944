"""Arbitrary inputs and arbitrary answers of the service, by the hundred thousand, with witnesses at every way out."""
