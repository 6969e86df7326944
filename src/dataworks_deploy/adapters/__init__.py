"""One module per foreign system, each the only importer of that system's package."""
