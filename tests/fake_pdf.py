"""A PDF made by hand: pages of lines, or one with a picture and nothing to read."""


def pdf(
    pages: list[list[str]],
    *,
    title: str = "",
    author: str = "",
    created: str = "",
    picture: bool = False,
) -> bytes:
    """A document in Helvetica with one line of text under the other."""
    information = {"Title": title, "Author": author, "CreationDate": created}
    told = "".join(f"/{name} ({value})" for name, value in information.items() if value)
    count = len(pages)
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(count))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R /Lang (en-GB) >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    page = (
        "/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>"
    )
    for number, lines in enumerate(pages):
        objects.append(f"<< {page} /Contents {5 + 2 * number} 0 R >>")
        objects.append(_stream("0 0 595 842 re f" if picture else _drawn(lines)))
    objects.append(f"<< {told} >>")
    return _file(objects)


def _drawn(lines: list[str]) -> str:
    shown = " ".join(f"({line.replace('(', '[').replace(')', ']')}) Tj 0 -14 Td" for line in lines)
    return f"BT /F1 11 Tf 50 780 Td {shown} ET"


def _stream(content: str) -> str:
    return f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"


def _file(objects: list[str]) -> bytes:
    body = "%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    return (
        f"{body}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n"
        f"<< /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>\n"
        f"startxref\n{len(body)}\n%%EOF\n"
    ).encode()
