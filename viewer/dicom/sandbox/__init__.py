"""DICOM files are read and decoded in children without keys: docs/decisions/0001-sandbox.md."""

from viewer.dicom.sandbox.pool import Sandbox

__all__ = ["Sandbox"]
