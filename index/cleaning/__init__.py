"""The text of a file -> the paragraphs of its reporting.

The modules in reading order:

vocabulary   the words that page furniture is made of
paragraphs   Markdown, plain text or HTML -> raw paragraphs
web_page     a whole web page -> its raw paragraphs, and its metadata fields
dates        a line or address -> the date written in it
metadata     a line -> its byline, publication date, url or publisher
cues         a paragraph -> the cues of furniture in it
captions     a paragraph -> whether it is a caption, or a picture's credit
furniture    a paragraph and its cues -> how much it looks like furniture
judging      a paragraph -> its kind, by its own form and cues
header       judged paragraphs -> title, author and date
blocks       judged paragraphs -> their kinds, settled by their neighbours
reporting    raw paragraphs -> the reporting, with captions marked: `clean`, all of the above
"""
