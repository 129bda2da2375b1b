"""One version of a data plan with all that it states, in a file that a Chief Data Officer can write by hand."""
