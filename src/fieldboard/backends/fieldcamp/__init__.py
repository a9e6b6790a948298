"""FieldCamp: its rules, its wire shapes and the adapter (docs.fieldcamp.ai/api-reference)."""
