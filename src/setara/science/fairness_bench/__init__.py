"""The published protocol: how often favouritism is found, how soon, and how often the innocent are listed."""
