"""The quality of each stage on labelled rows, with counts. One module for each stage."""
