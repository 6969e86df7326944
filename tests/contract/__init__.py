"""A promise that the project makes in several places must be the same in all of them."""
