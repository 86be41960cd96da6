"""What Broadsheet is made of: its parts, their licences, known weak spots, a wheel that is always the same.

`make supply` writes all of it; tests/test_supply.py holds what needs no network. docs/supply.md tells more.
"""
