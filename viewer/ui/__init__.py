"""The viewer's widgets: one picture, and a study around it. Qt, and nothing of wallets."""

from __future__ import annotations

from viewer.ui.image_view import ImageView
from viewer.ui.viewer import Viewer

__all__ = ["ImageView", "Viewer"]
