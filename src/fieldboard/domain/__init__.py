"""What the field's words mean: frozen values and pure rules. Imports nothing of ours but itself."""
