"""Hundreds of thousands of random inputs and random answers of the service. Witnesses check every output."""
