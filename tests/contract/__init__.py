"""What the project promises in several places must be the same in all of them."""
