"""One-line widgets around the panes: header, line, footer."""
