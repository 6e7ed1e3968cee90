"""A document in place of a cell's picture, made when the first one is looked at."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout

from viewer.dicom.header import Header
from viewer.dicom.kinds import Content, content_for
from viewer.ui.document_view import DocumentView
from viewer.ui.frames import Frame
from viewer.ui.image_view import ImageView
from viewer.ui.study import OpenStudy

READ = frozenset({Content.DOCUMENT, Content.KEY_OBJECTS})


class CellDocument(QObject):
    """Shows a document where the picture would be, and the picture again."""

    followed = Signal(object)  # Reference: a picture that the document points at was asked for

    def __init__(self, image: ImageView, row: QHBoxLayout, cell: QObject) -> None:
        super().__init__(cell)
        self._image, self._row, self._cell = image, row, cell
        self._frame: Frame | None = None
        self.view: DocumentView | None = None

    @property
    def is_shown(self) -> bool:
        return self._frame is not None

    def takes(self, study: OpenStudy, header: Header) -> bool:
        """Whether there is a document to be read instead of a picture."""
        return study.reader is not None and content_for(header) in READ

    def show(self, study: OpenStudy, frame: Frame) -> None:
        """Show the document of an instance."""
        reader = study.reader
        if reader is None or frame == self._frame:
            return
        self._frame = frame
        series, instance = study.series[frame.series], frame.instance
        view = self._made()
        view.load(
            lambda: reader.document(series, instance),
            lambda number, scale: reader.page(series, instance, number, scale),
        )
        view.setVisible(True)
        self._image.setVisible(False)

    def put_away(self) -> None:
        """Show the picture again."""
        if self._frame is not None and self.view is not None:
            self._frame = None
            self._image.setVisible(True)
            self.view.setVisible(False)
            self.view.say("")

    def tell(self, sentence: str) -> None:
        """Say something above the document."""
        if self.view is not None:
            self.view.tell(sentence)

    def close(self) -> None:
        """Let go of the document and its threads."""
        if self.view is not None:
            self.view.close_document()

    def _made(self) -> DocumentView:
        if self.view is None:
            self.view = DocumentView()
            self.view.followed.connect(self.followed)
            for part in (self.view.text, self.view.paper):
                part.installEventFilter(self._cell)
            self._row.insertWidget(1, self.view, 1)
        return self.view
