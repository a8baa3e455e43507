"""What is no picture: PDFs by pikepdf, an Office file, an SVG, and what a scanner is to find."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pikepdf

TEXT = "Testtext, inget annat än text.\n".encode()
SVG = b"""<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="80" height="60">
<script>document.title = "script"</script><rect width="80" height="60" fill="red"/></svg>"""
PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="word/document.xml"/></Relationships>',
    "word/document.xml": '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    "<w:body><w:p><w:r><w:t>Test</w:t></w:r></w:p></w:body></w:document>",
}
KEY = "patientens-eget"
"""What the encrypted PDF opens by."""


def pdf(*changes: Callable[[pikepdf.Pdf], None], encryption: pikepdf.Encryption | None = None) -> bytes:
    """One page with a line of text, and whatever else is done to it."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(595, 842))
    font = {
        "/F1": pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
    }
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(font))
    page.Contents = document.make_stream(b"BT /F1 24 Tf 72 720 Td (Test) Tj ET")
    for change in changes:
        change(document)
    out = io.BytesIO()
    document.save(out, static_id=True, encryption=encryption or False)
    return out.getvalue()


def with_script(document: pikepdf.Pdf) -> None:
    """It asks its reader to run JavaScript when it is opened."""
    action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('test')"))
    document.Root.OpenAction = document.make_indirect(action)


def with_attached_file(document: pikepdf.Pdf) -> None:
    """A text lies within it."""
    document.attachments["test.txt"] = pikepdf.AttachedFileSpec(document, TEXT, filename="test.txt")


def encrypted() -> bytes:
    """It opens by a password only. By the older cipher, since the newer ones make other bytes each time."""
    return pdf(encryption=pikepdf.Encryption(owner=KEY, user=KEY, R=3, aes=False, metadata=False))


def docx() -> bytes:
    """A document of Word's."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, content in PARTS.items():
            parts.writestr(zipfile.ZipInfo(name), f'<?xml version="1.0" encoding="UTF-8"?>{content}')
    return out.getvalue()


def eicar() -> bytes:
    """The test string of EICAR, which scanners find though it does nothing; it stands nowhere in one piece."""
    parts = ("X5O!P%@AP[4", "\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE", "!$H+H*")
    return "".join(parts).encode()
