"""Scan web archives: ask cheap questions of every page, and read only what is left.

The cascade, each step a fraction of the next one's cost:

    records     the response records of an archive: HTTP 200, HTML, of a sensible size
    language    where only some are asked for: what the page plainly says
    gate        the beat's phrases on the raw bytes, and the headline judged by itself
    quick text  the paragraphs, taken without a parse, judged by what the full read would be judged by
    full        read, judge and tag, as for a page that the desk collected

Only `full` decides; the steps before it may let too much through, and what they lose is measured
(`measure.loss`), never assumed. Pure: bytes in, values out; files and machines are above this floor.
"""

from broadsheet.wire.scan.cascade import Cascade, Found, page
from broadsheet.wire.scan.funnel import Funnel, Step
from broadsheet.wire.scan.records import Limits, Record, records

__all__ = ["Cascade", "Found", "Funnel", "Limits", "Record", "Step", "page", "records"]
