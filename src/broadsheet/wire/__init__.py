"""The wire: functions from values to values. No Django, no database, no clock.

Stages (`collect`, `read`, `judge`, `tag`, `group`, `rank`, `summarise`, `facts`) never import each
other; only `line` joins them. `import-linter` holds that.
"""
