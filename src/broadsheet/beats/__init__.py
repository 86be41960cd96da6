"""The beats that come with Broadsheet. A beat is data: docs/beat.md."""
