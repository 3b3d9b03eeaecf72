"""A file -> its text, whatever its encoding; a file that holds no text is refused."""

from pathlib import Path

import charset_normalizer

from index.errors import ArticleRefused

BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
CONTROL_SHARE = 0.02  # of the characters; more than this is not text


def read_file_text(path: Path) -> str:
    """The file's text; raises ArticleRefused when it cannot be read, is binary or is empty."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ArticleRefused(f"{path} does not exist: give the path of an article.") from None
    except IsADirectoryError:
        raise ArticleRefused(f"{path} is a folder: give the files in it, one by one.") from None
    except OSError as error:
        raise ArticleRefused(
            f"{path} cannot be read ({error.strerror}): check the file's permissions."
        ) from None
    text = decoded(data)
    if text is None:
        raise ArticleRefused(
            f"{path} is not a text file: save the article as text, then try again."
        )
    if not text.strip():
        raise ArticleRefused(f"{path} is empty: put the article's text into it or remove it.")
    return text


def decoded(data: bytes) -> str | None:
    """The text by byte order mark, as UTF-8 or by best guess; None when the bytes are no text."""
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return _decoded_as(data, encoding)
    if b"\0" in data:
        return None
    text = _decoded_as(data, "utf-8")
    if text is None:
        text = _guessed(data)
    return None if text is None or _is_mostly_control(text) else text


def _decoded_as(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _guessed(data: bytes) -> str | None:
    """Western European where that fits as well as the best guess, for short texts fit many."""
    matches = charset_normalizer.from_bytes(data)
    best = matches.best()
    if best is None:
        return None
    western = [
        match for match in matches if "cp1252" in (match.encoding, *match.could_be_from_charset)
    ]
    if western and western[0].chaos <= best.chaos:
        return _decoded_as(data, "cp1252")
    return str(best)


def _is_mostly_control(text: str) -> bool:
    controls = sum(character < " " and character not in "\n\r\t\f" for character in text)
    return controls > CONTROL_SHARE * len(text)
