"""Paths through a graph: as many as lead to all nodes before a node, together."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graders.exercise import WrongTurn

__all__ = ["PATH_TURNS", "count_paths"]

Edges = Sequence[tuple[Any, Any]]


def count_paths(edges: Edges, source: Any, target: Any, gather: Callable[[Any], Any] = sum) -> Any:
    """Count the paths to every node once: as many as lead to all nodes before it, together."""
    before: Mapping[Any, list[Any]] = defaultdict(list)
    for u, v in edges:
        before[v].append(u)
    known: dict[Any, Any] = {}
    todo = [target]
    while todo:
        node = todo[-1]
        neighbours = before.get(node, ()) if node != source else ()
        unknown = [u for u in neighbours if u not in known]
        if unknown:
            todo += unknown
            continue
        shares = [known[u] for u in neighbours]
        known[node] = gather(shares) if shares else int(node == source)
        todo.pop()
    return known[target]


def _in_given_order(edges: Edges, source: Any, target: Any) -> int:
    paths: dict[Any, int] = defaultdict(int, {source: 1})
    for u, v in edges:
        paths[v] += paths[u]
    return paths[target]


def _unlike(derive: Callable[..., Any], same_node: int) -> Callable[..., Any]:
    """Answer otherwise where source and target are one node."""
    return lambda edges, source, target: same_node if source == target else derive(edges, source, target)


PATH_TURNS = (
    WrongTurn(
        "parallel_edges_merged",
        lambda edges, source, target: count_paths(sorted(set(edges), key=str), source, target),
        "two edges between the same nodes count once",
    ),
    WrongTurn(
        "edges_in_given_order",
        _in_given_order,
        "one sweep over the edges in the order in which they are given",
    ),
    WrongTurn("no_path_to_itself", _unlike(count_paths, 0), "0 paths from a node to itself"),
    WrongTurn(
        "one_path_only",
        lambda edges, source, target: count_paths(edges, source, target, lambda k: int(any(k))),
        "1 if there is a way, else 0",
    ),
    WrongTurn("longest_path", lambda *args: _length(max, *args), "the edges of the longest path"),
    WrongTurn("shortest_path", lambda *args: _length(min, *args), "the edges of the shortest path"),
    WrongTurn(
        "edges_for_paths",
        lambda edges, source, target: sum(v == target for _, v in edges),
        "the number of edges that end at the target",
    ),
)


def _length(best: Callable[[Any], Any], edges: Edges, source: Any, target: Any) -> int:
    """Return the edges of the longest or shortest path; the source's 1 is no edge."""

    def gather(counts: list[Any]) -> Any:
        reached = [count for count in counts if count]
        return best(reached) + 1 if reached else 0

    return max(int(count_paths(edges, source, target, gather)) - 1, 0)
