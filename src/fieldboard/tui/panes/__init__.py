"""The three panes of the board: queue, technician columns, timeline."""
