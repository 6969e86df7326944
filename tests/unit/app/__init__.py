"""The app on a scripted service and on virtual time."""
