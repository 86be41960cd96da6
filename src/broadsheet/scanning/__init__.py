"""Archive files on this machine or many: opened, scanned, written whole, taken up again after a stop.

Only the wire is needed, so that workers of a cluster install no Django.
"""
