"""Every explorer as a page of its own, and a page that lists them: no kernel, no server, no network."""

from collections.abc import Callable
from html import escape
from pathlib import Path

from backproplab import explorers
from backproplab.explorers.frame import Explorer
from backproplab.explorers.standalone import explorer_page, html_page, number_of_states
from graders.errors import GradersError
from graders.index import opening
from graders.lessons import Lesson, all_lessons, find_lesson
from graders.own_pages import must_be_ours

__all__ = ["gallery"]

INDEX = "index.html"


def gallery(to: Path, progress: Callable[[int, int], object] | None = None) -> list[Path]:
    """Write one page for each explorer into the folder, and ``index.html``.

    A page of an earlier gallery is renewed; any other file is kept.

    Parameters
    ----------
    to : Path
        The folder; it is made if need be.
    progress : callable, optional
        Told (pictures computed, pictures in all).

    Returns
    -------
    list of Path
        The pages; the index comes first.

    Raises
    ------
    GradersError
        If a file of somebody else's is in the way, or the disk refuses.
    """
    kinds = _by_lesson()
    paths = [to / INDEX, *(to / _file(kind) for kind in kinds)]
    must_be_ours(paths, "of a gallery", "move it away or choose another --to")
    total, done = sum(map(number_of_states, kinds)), 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress:
            progress(done, total)

    texts = [_index(kinds), *(explorer_page(kind, _introduction(kind), step) for kind in kinds)]
    try:
        to.mkdir(parents=True, exist_ok=True)
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise GradersError(f"cannot write in {to}: {error.strerror or error}") from error
    return paths


def _by_lesson() -> list[type[Explorer]]:
    kinds = [getattr(explorers, name) for name in explorers.__all__]
    order = [lesson.slug for lesson in all_lessons()]
    return sorted(kinds, key=lambda kind: (order.index(kind.lesson), kind.title))


def _file(kind: type[Explorer]) -> str:
    return f"{kind.script()}.html"


def _introduction(kind: type[Explorer]) -> str:
    return f'<p>{_belongs(find_lesson(kind.lesson))} <a href="{INDEX}">All pictures</a></p>'


def _belongs(lesson: Lesson) -> str:
    return f"Lesson {lesson.number}, {escape(opening(lesson).title)}."


def _index(kinds: list[type[Explorer]]) -> str:
    items = "\n".join(
        f'<li><a href="{_file(kind)}">{escape(kind.title)}</a><br>{escape(_about(kind))} '
        f"{_belongs(find_lesson(kind.lesson))}</li>"
        for kind in kinds
    )
    body = f"""<main>
<h1>Pictures of backpropagation that move</h1>
<p>Each page works by itself, without a network. In the lessons the same pictures have all their knobs,
and some of them run on your own functions.</p>
<ul>
{items}
</ul>
</main>"""
    return html_page("backproplab: gallery", body, "li { margin: 10px 0; }")


def _about(kind: type[Explorer]) -> str:
    return (kind.__doc__ or "").strip().splitlines()[0]
