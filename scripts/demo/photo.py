"""A picture as a family might send one: a few words on paper."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from gateway.config import ROOT

FONT = ROOT / "gateway" / "reporting" / "fonts" / "DejaVuSans.ttf"


def picture_of(words: str) -> bytes:
    """A PNG of a note with these words."""
    paper = Image.new("RGB", (640, 400), "#f4efe2")
    pen = ImageDraw.Draw(paper)
    for line in range(90, 400, 46):
        pen.line((30, line, 610, line), fill="#b9c4d8")
    pen.multiline_text((40, 52), words, font=ImageFont.truetype(str(FONT), 28), fill="#23304a", spacing=15)
    file = BytesIO()
    paper.save(file, "PNG")
    return file.getvalue()
