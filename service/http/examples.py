"""The examples that the OpenAPI description shows: one question, from asking to its replay."""

from typing import Any

from fastapi import Body

QUESTION: Any = {
    "plain": {"summary": "A question", "value": {"question": "What gifts did Kim receive?"}},
    "streamed": {
        "summary": "Sentence by sentence, as events",
        "value": {"question": "What gifts did Kim receive?", "stream": True},
    },
    "filtered": {
        "summary": "A follow-up, from one publisher's articles since a day",
        "value": {
            "question": "And from whom?",
            "conversation_id": "7d1c",
            "filters": {"source": "The Fenwick Post", "published_from": "2023-09-17"},
        },
    },
}
FEEDBACK: Any = Body(
    openapi_examples={
        "wrong": {
            "summary": "It was wrong",
            "value": {"opinion": "wrong", "comment": "There were six drones."},
        },
        "right": {"summary": "It was right", "value": {"opinion": "right"}},
    }
)
_SENTENCE = {"text": "Kim received five explosive drones.", "citations": [1], "supported": True}
_QUOTE = "The governor gave Kim five explosive drones and a vest."
ANSWER: dict[str, Any] = {
    "id": "0b0f3c1e5a9d4c57a2f1c8f0f6f1f9aa",
    "question": "What gifts did Kim receive?",
    "standalone_question": "What gifts did Kim receive?",
    "status": "answered",
    "text": "Kim received five explosive drones [1].",
    "sentences": [_SENTENCE],
    "citations": [
        {
            "number": 1,
            "article_id": "gifts-for-kim-3f2a1b0c",
            "title": "Gifts for Kim",
            "source": "The Fenwick Post",
            "published": "2023-09-17",
            "url": "https://fenwick.example/gifts",
            "version": "17342bd525325c39",
            "quote": _QUOTE,
            "start": 812,
            "end": 867,
            "also_in": [],
        }
    ],
    "removed": [{"text": "It had 300 parts.", "reason": "number 300 is in no cited sentence"}],
    "closest": [],
    "model": "local/qwen2.5-coder-1.5b",
    "generation": "20261122T092844-c4c4f7c5",
    "usage": {"prompt_tokens": 897, "completion_tokens": 24, "cost": None},
    "timings_ms": {"standalone": 0, "retrieve": 14, "draft": 2100, "total": 2120},
    "failure": None,
}
PASSAGE: dict[str, Any] = {
    "article_id": "gifts-for-kim-3f2a1b0c",
    "title": "Gifts for Kim",
    "source": "The Fenwick Post",
    "published": "2023-09-17",
    "url": "https://fenwick.example/gifts",
    "text": _QUOTE,
    "start": 812,
    "end": 867,
    "score": 0.040984,
}
EVENTS = """\
id: 1
event: passages
data: {"question": "What gifts did Kim receive?", "passages": [{"article_id": "…", "score": 0.04}]}

: still here

id: 2
event: citations
data: {"citations": [{"number": 1, "article_id": "…", "quote": "The governor gave Kim five …"}]}

id: 3
event: sentence
data: {"text": "Kim received five explosive drones.", "citations": [1], "supported": true}

id: 4
event: answer
data: {"id": "…", "status": "answered", "text": "Kim received five explosive drones [1]."}

"""
_HEAD = {
    "article_id": "gifts-for-kim-3f2a1b0c",
    "title": "Gifts for Kim",
    "source": "The Fenwick Post",
    "author": "Ada Lund",
    "published": "2023-09-17",
    "url": "https://fenwick.example/gifts",
}
ARTICLES = {"total": 1, "next": None, "articles": [_HEAD]}
CORPUS = {
    "articles": 1,
    "sources": [{"source": "The Fenwick Post", "articles": 1}],
    "published_from": "2023-09-17",
    "published_to": "2023-09-17",
    "questions": ["Who accepted an invitation to North Korea?"],
}
ARTICLE = {
    **_HEAD,
    "version": "17342bd525325c39",
    "text": _QUOTE,
    "captions": [],
    "highlight": {"start": 0, "end": 55, "quote": _QUOTE},
}
REPLAY = {
    "at": "2026-11-22T09:28:44.120000+00:00",
    "answer": ANSWER,
    "passages": [
        {name: PASSAGE[name] for name in ("article_id", "title", "score", "start", "end")}
    ],
    "evidence": [
        {
            "number": 1,
            "article_id": "gifts-for-kim-3f2a1b0c",
            "version": "17342bd525325c39",
            "start": 812,
            "end": 867,
            "text": _QUOTE,
            "score": 1.4161,
        }
    ],
    "draft": "Kim received five explosive drones [1].\nIt had 300 parts [1].",
    "exchanges": [
        {
            "model": "local/qwen2.5-coder-1.5b",
            "messages": [{"role": "user", "content": f"[1] {_QUOTE}\nQuestion: What gifts …"}],
            "reply": "Kim received five explosive drones [1].\nIt had 300 parts [1].",
            "started": 1795339724000000000,
            "ended": 1795339726100000000,
            "usage": {"prompt_tokens": 897, "completion_tokens": 24, "cost": None},
        }
    ],
    "verdicts": [
        {"text": "Kim received five explosive drones.", "evidence": [1], "reason": None},
        {
            "text": "It had 300 parts.",
            "evidence": [1],
            "reason": "number 300 is in no cited sentence",
        },
    ],
    "opinion": None,
    "comment": None,
}
MESSAGES: Any = {
    "plain": {
        "summary": "A question",
        "value": {
            "model": "dateline",
            "messages": [{"role": "user", "content": "What gifts did Kim receive?"}],
        },
    }
}
COMPLETION = {
    "id": f"chatcmpl-{ANSWER['id']}",
    "object": "chat.completion",
    "created": 1795339724,
    "model": "dateline",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": ANSWER["text"],
                "refusal": None,
                "annotations": [
                    {
                        "type": "url_citation",
                        "url_citation": {
                            "start_index": 35,
                            "end_index": 38,
                            "url": "https://fenwick.example/gifts",
                            "title": "Gifts for Kim",
                            "number": 1,
                            "article_id": "gifts-for-kim-3f2a1b0c",
                            "quote": _QUOTE,
                        },
                    }
                ],
            },
            "finish_reason": "stop",
            "logprobs": None,
        }
    ],
    "usage": {"prompt_tokens": 897, "completion_tokens": 24, "total_tokens": 921},
    "dateline": ANSWER,
}
NEW_ARTICLES: Any = {
    "one": {
        "summary": "One article",
        "value": {
            "articles": [
                {
                    "title": "Ferry afloat again",
                    "source": "Harbour Times",
                    "published": "2023-09-20",
                    "url": "https://harbour.example/afloat",
                    "text": "The ferry Solvei was pulled free off Tarn on Wednesday.",
                }
            ]
        },
    }
}
WRITTEN = {
    "generation": "20261122T101200412-9f3c2a11",
    "articles": 8,
    "added": ["afloat-5d2f0c1e"],
    "updated": [],
    "unchanged": [],
    "removed": [],
    "duplicates": [],
    "refused": [],
    "notes": [],
}
