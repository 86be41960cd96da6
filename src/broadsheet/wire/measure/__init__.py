"""The figures by which the stages are measured: pure functions over labelled rows."""
