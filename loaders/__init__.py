"""How metadata gets in: one folder a source, one pipeline, one report. A loader never sees a store."""
