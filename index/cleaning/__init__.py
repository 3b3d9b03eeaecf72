"""The text of a file -> the paragraphs of its reporting.

The modules in reading order:

vocabulary   the words that page furniture is made of
tree         HTML -> an element tree -> its visible text, with roles marked
structure    a tree -> the same without landmarks and boxes, blocks of links marked
paragraphs   Markdown, plain text or HTML -> raw paragraphs
dates        a line or address -> the date written in it
page_metadata  what a web page says of itself -> the fields of its article
web_page     a whole web page -> its raw paragraphs, and its metadata fields
metadata     a line -> its byline, publication date, url or publisher
cues         a paragraph -> the cues of furniture in it
captions     a paragraph -> whether it is a caption, or a picture's credit
furniture    a paragraph and its cues -> how much it looks like furniture
judging      a paragraph -> its kind, by its own form and cues
header       judged paragraphs -> title, author and date
repeats      judged paragraphs -> the same without what stands twice
topic        judged paragraphs -> the same, weighed by what the article is about
blocks       judged paragraphs -> their kinds, settled by their neighbours
reporting    raw paragraphs -> the reporting, with captions marked: `clean`, all of the above
"""
