"""The photo studio: one picture, and what has been done to it."""

from dataclasses import replace

from magenta_qa.scenarios.shop.records.club import Photo
from magenta_qa.scenarios.shop.records.database import Database

UNTOUCHED = Photo(angle=0, mirrored=0, zoom=100, light=100, framed=0)


def changed(photo: Photo, change: str) -> Photo:
    """The photo after one change: left, right, mirror, closer, brighter, frame or anew."""
    match change:
        case "left":
            return replace(photo, angle=(photo.angle - 90) % 360)
        case "right":
            return replace(photo, angle=(photo.angle + 90) % 360)
        case "mirror":
            return replace(photo, mirrored=1 - photo.mirrored)
        case "closer":
            return replace(photo, zoom=min(photo.zoom + 25, 200))
        case "brighter":
            return replace(photo, light=min(photo.light + 20, 160))
        case "frame":
            return replace(photo, framed=1 - photo.framed)
        case _:
            return UNTOUCHED


class Studio(Database):
    """The picture that the staff are working on."""

    def photo(self) -> Photo:
        """How it is now."""
        row = self._one("SELECT angle, mirrored, zoom, light, framed FROM photo")
        return Photo(**row) if row else UNTOUCHED

    def change_photo(self, change: str) -> Photo:
        """Change it; how it is then."""
        photo = changed(self.photo(), change)
        values = (photo.angle, photo.mirrored, photo.zoom, photo.light, photo.framed)
        self._write("UPDATE photo SET angle = ?, mirrored = ?, zoom = ?, light = ?, framed = ?", *values)
        return photo
