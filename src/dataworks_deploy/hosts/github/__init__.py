"""GitHub Actions, and what understands its variables, commands and files. No other folder names any of them."""
