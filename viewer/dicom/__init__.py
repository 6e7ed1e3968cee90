"""Where DICOM is understood: headers, series and slice order, frames. No Qt, no keys."""
