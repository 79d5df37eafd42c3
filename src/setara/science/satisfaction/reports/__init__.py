"""Reports of surveys: HTML that needs nothing else, and PDF in the style of an office's yearly report."""
