"""The physical side of 民情码: codes, symbols and posters. A pure library that knows nothing of the application."""
