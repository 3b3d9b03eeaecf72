"""The text of a file -> the paragraphs of its reporting.

The modules in reading order:

vocabulary   the words that page furniture is made of
tree         HTML -> an element tree -> its visible blocks of text
box_names    the names of a box -> whether it is furniture, a standfirst, the article's own
structure    a tree -> the same without landmarks and boxes of furniture; how far others are doubted
paragraphs   Markdown, plain text or HTML -> raw paragraphs
dates        a line or address -> the date written in it
page_metadata  what a web page says of itself -> the fields of its article, its text in JSON-LD
captions     a paragraph -> whether it is a caption, or a picture's credit
cues         a paragraph -> the cues of furniture in it
furniture    a paragraph and its cues -> how much it looks like furniture
web_page     a whole web page -> its raw paragraphs, and its metadata fields
metadata     a line -> its byline, publication date, url or publisher
languages    languages.toml -> the words of furniture in other languages; a text -> its language
foreign      a paragraph in such a language -> the cues of furniture in it
judging      a paragraph -> its kind, by its own form and cues
topic        judged paragraphs -> the same, weighed by what the article is about
printed      judged paragraphs -> the same without jumps to other pages, contents, slugs
titles       lines above the body -> the title
greeting     judged paragraphs -> where a letter's greeting ends
writers      judged paragraphs -> the same without notes on who wrote them
header       judged paragraphs -> title, author and date
repeats      judged paragraphs -> the same without what stands twice
boxes        judged paragraphs -> the same without boxes of furniture
evident      a judged paragraph -> whether it shows that it reports
endings      judged paragraphs -> the same without what stands below the article's end
blocks       judged paragraphs -> their kinds, settled by their neighbours
reporting    raw paragraphs -> the reporting, with captions marked: `clean`, all of the above
"""
