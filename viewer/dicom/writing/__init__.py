"""DICOM files of our own making: measurements, marks and graphics, from values alone.

Nothing is read from a file here; headers were read in the sandbox and are checked once more for
what may be written. pydicom and highdicom are imported when the first file is made.
"""
