"""Broadsheet turns a month's news on a cause into a newsletter that does good and no harm.

The floors, from the ground up (docs/house.md): `wire` decides, `press` prints, `people` and `jobs`
keep who and what is due, `news`, `library` and `issues` keep the rows, `desk` and `archive` show.
"""

__version__ = "0.1.0"
