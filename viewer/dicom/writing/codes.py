"""The codes that measurements are written with and read by.

Tracking identifiers are those that Cornerstone3D gives its tools, so that OHIF opens what we keep
as measurements that it can change; a part of ours after them tells a polygon from a free line.
Source: PS3.16 TID 1500, 1501, 300, 320; CID 7464, 7469, 7470, 83.
"""

from __future__ import annotations

from viewer.measure.readings import Quantity
from viewer.measure.shapes import Kind

Code = tuple[str, str, str]  # value, scheme, meaning

TRACKING = "Cornerstone3DTools@^0.1.0"
TOOLS: dict[Kind, str] = {
    Kind.LENGTH: "Length",
    Kind.ANGLE: "Angle",
    Kind.COBB: "CobbAngle",
    Kind.ELLIPSE: "EllipticalROI",
    Kind.RECTANGLE: "RectangleROI",
    Kind.POLYGON: "PlanarFreehandROI:Polygon",
    Kind.FREEHAND: "PlanarFreehandROI",
    Kind.PROBE: "Probe",
}
LABEL = ("CORNERSTONEFREETEXT", "CORNERSTONEJS")  # a finding in words
QUANTITIES: dict[Quantity, Code] = {
    Quantity.LENGTH: ("410668003", "SCT", "Length"),
    Quantity.ANGLE: ("1483009", "SCT", "Angle"),
    Quantity.COBB: ("285285000", "SCT", "Cobb angle"),
    Quantity.AREA: ("42798000", "SCT", "Area"),
    Quantity.PERIMETER: ("131191004", "SCT", "Perimeter"),
    Quantity.MEAN: ("373098007", "SCT", "Mean"),
    Quantity.DEVIATION: ("386136009", "SCT", "Standard Deviation"),
    Quantity.LEAST: ("255605001", "SCT", "Minimum"),
    Quantity.MOST: ("56851009", "SCT", "Maximum"),
    Quantity.COUNT: ("pixels", "99RAYFOLIO", "Number of pixels"),
    Quantity.ACROSS: ("across", "99RAYFOLIO", "Along the horizontal axis"),
    Quantity.DOWN: ("down", "99RAYFOLIO", "Along the vertical axis"),
    Quantity.VALUE: ("value", "99RAYFOLIO", "Value of a pixel"),
}
UNITS: dict[str, tuple[str, str]] = {  # UCUM
    "mm": ("mm", "millimeter"),
    "mm²": ("mm2", "square millimeter"),
    "°": ("deg", "degree"),
    "px": ("{pixels}", "pixels"),
    "px²": ("{square_pixels}", "square pixels"),
    "HU": ("[hnsf'U]", "Hounsfield unit"),
    "SUV": ("{SUVbw}g/ml", "Standardized Uptake Value body weight"),
    "Bq/ml": ("Bq/ml", "Becquerels/milliliter"),
    "g/ml": ("g/ml", "grams/milliliter"),
    "counts": ("{counts}", "counts"),
    "s": ("s", "second"),
    "cm/s": ("cm/s", "centimeter per second"),
    "Hz": ("Hz", "hertz"),
    "%": ("%", "percent"),
    "dB": ("dB", "decibel"),
    "": ("1", "no units"),
}
OUR_MANUFACTURER = "Rayfolio"
