"""What a step could have seen of Data Studio, from the first to the last moment that an answer can show."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..witness.given import Given
from ..witness.lines import ID, KINDS, Meant, Thing, leaves_out, meant, takes
from .actor import Attempt
from .operations import LISTS, LOOKUPS, WRITES
from .seen import NOT_FOUND, STALE_SECONDS, refused, succeeded
from .studio import Links, Makers, Snapshot, Studio
from .wire import Sent


@dataclass(frozen=True)
class View:
    """The view of one step. Lists are late by `lag` seconds, and a list that `hides` shows no inner nodes."""

    studio: Studio
    attempt: Attempt
    given: Given
    lag: float
    hides: bool

    @cached_property
    def begun(self) -> float:
        """When the step first changed something."""
        return min((call.at for call in self.attempt.sent if call.action in WRITES), default=math.inf)

    @cached_property
    def calls(self) -> list[Sent]:
        """The calls that read Data Studio before anything was created. Later calls only explain a refusal."""
        read = {*LISTS, *LOOKUPS}
        return [call for call in self.attempt.sent if call.action in read and call.at < self.begun]

    @cached_property
    def read(self) -> set[str]:
        """The objects that answers have shown as objects outside of workflows."""
        shown = [call.ending.value for call in self.calls if succeeded(call)]
        every = [each for value in shown for each in _objects(value)]
        return {each.id for each in every} - {each.id for each in every if each.workflow}

    @cached_property
    def moments(self) -> list[Snapshot]:
        """All states of Data Studio while it was read: only one if nothing changed."""
        stale = STALE_SECONDS if any(call.fault == "stale" for call in self.calls) else 0.0
        last = max((call.answered or call.at for call in self.calls), default=self.attempt.began)
        return self.studio.between(self.attempt.began - self.lag - stale, last)

    @cached_property
    def still(self) -> bool:
        """Whether nobody edited anything during the reading."""
        return all(each.drafts == self.moments[0].drafts for each in self.moments)

    @cached_property
    def clear(self) -> bool:
        """Whether every answer came and was correct."""
        return all(not call.fault and (succeeded(call) or _is_absent(call)) for call in self.calls)

    @cached_property
    def meant(self) -> Meant | None:
        """The selection of the inputs, if the answers make it clear."""
        if not (self.still and self.clear) or self._unsure_of_ids():
            return None
        given, things = self.given, self.moments[0].things
        found = meant(given.object_ids, given.lines, things, allow_empty=given.allow_empty, most=given.most)
        # A name of a node that no list shows means nothing, which may be allowed.
        unseen = (
            self.hides and given.allow_empty and any("lies in a workflow" in each for each in found.wrong)
        )
        return None if unseen else found

    def _unsure_of_ids(self) -> bool:
        """Whether an ID without an object is accepted, because it was not read, or because it has runs."""
        named = (line.removeprefix("!").rpartition(":")[2] for line in self.given.lines)
        ids = {*self.given.object_ids, *filter(ID.fullmatch, named)}
        drafts = self.moments[0].drafts
        return any(
            each not in drafts or (drafts[each].container and not self.given.preflight) for each in ids
        )

    def may_take(self, object_id: str) -> bool:
        """Whether the inputs select this object as it was at some time, or the step cannot know that they do not."""
        if object_id in self.given.object_ids:
            return True
        # A missing object has an ID, and may be of any kind.
        versions = self._versions(object_id) or [Thing(object_id, kind, "", "") for kind in KINDS]
        return any(takes(self.given.lines, each) for each in versions)

    def _versions(self, object_id: str) -> list[Thing]:
        """The object at each moment. If neither was read, a step cannot know that a node is inside a workflow."""
        found = [each for moment in self.moments for each in moment.things if each.id == object_id]
        if object_id in self._looked_up:
            return found
        return [Thing(each.id, each.kind, each.name, each.path) for each in found]

    @cached_property
    def _looked_up(self) -> set[str]:
        """The objects that were read separately, and the nodes inside them."""
        shown = [call.ending.value for call in self.calls if call.action in LOOKUPS and succeeded(call)]
        return {each.id for value in shown for each in _objects(value)}

    @cached_property
    def must_take(self) -> set[str]:
        """The objects that the inputs select at every moment, and that no answer has denied."""
        whenever = [
            {each.id for each in moment.things if takes(self.given.lines, each)} for moment in self.moments
        ]
        lies = {call.object_id for call in self.calls if call.fault and _is_absent(call)}
        return set.intersection(*whenever) - lies | {*self.given.object_ids}

    def missing(self, chosen: list[str]) -> tuple[set[str], set[str]]:
        """The upstream objects that these surely lack in production, and those that they may lack.

        What the lines exclude is not included.
        """
        left_out = [self._left_out(moment) for moment in self.moments]
        ever, always = frozenset[str]().union(*left_out), frozenset.intersection(*left_out)
        surely = [moment.missing(chosen, unseen=self._unseen, without=ever) for moment in self.moments]
        # Lists may still show an object that was deleted, while others already show that it left production.
        live = frozenset.intersection(*(moment.live for moment in self.moments))
        least = [Snapshot(moment.drafts, live) for moment in self.moments]
        maybe = [moment.missing(chosen, self._unread, without=always) for moment in least]
        return set.intersection(*surely), set.union(*maybe)

    def _left_out(self, moment: Snapshot) -> frozenset[str]:
        includes = self.given.upstream == "include"
        things = moment.things if includes else ()
        return frozenset(each.id for each in things if leaves_out(self.given.lines, each))

    @cached_property
    def _unseen(self) -> set[str]:
        """The nodes inside workflows that no answer has shown."""
        inner = {each.id for moment in self.moments for each in moment.drafts.values() if each.container}
        return inner - self._looked_up if self.hides else set()

    @cached_property
    def _unread(self) -> set[str]:
        """The objects that only lists have shown."""
        return {each for moment in self.moments for each in moment.drafts} - self._looked_up

    @cached_property
    def may_need(self) -> Links:
        """What each object needs at some time. For an undeployment the order is reversed.

        A list may still show an object that is deleted when another one, read later, needs it.
        """
        makers = self._makers

        def some(moment: Snapshot) -> tuple[Links, ...]:
            listed = moment.reading(makers, self._unread, listed=True)
            only_listed = {each: listed.get(each, frozenset()) for each in self._unread}
            return moment.reading(makers, self._unread), moment.uses, only_listed

        return self._links(some, frozenset.union)

    @cached_property
    def _makers(self) -> Makers:
        """The drafts that give each output at some time."""
        outputs = {data for moment in self.moments for data in moment.makers}
        return {
            data: [each for moment in self.moments for each in moment.makers.get(data, ())]
            for data in outputs
        }

    @cached_property
    def needs(self) -> Links:
        """What each object needs at all times, as far as the step could read it."""
        links = self._links(lambda each: (each.reads,), frozenset.intersection)
        used = self._links(lambda each: (each.uses,), frozenset.intersection)
        unread = {call.object_id for call in self.calls if not succeeded(call)}
        # Only a reading of its own shows which functions and resources a node uses.
        sure = {
            each: ups for each, ups in used.items() if each in self._looked_up and not unread & {each, *ups}
        }
        return {each: links.get(each, frozenset()) | sure.get(each, frozenset()) for each in {*links, *sure}}

    def _links(
        self, of: Callable[[Snapshot], tuple[Links, ...]], join: Callable[..., frozenset[str]]
    ) -> Links:
        whenever = [self._directed(of(moment)) for moment in self.moments]
        every = {each for links in whenever for each in links}
        return {each: join(*(links.get(each, frozenset()) for links in whenever)) for each in every}

    def _directed(self, links: tuple[Links, ...]) -> Links:
        pairs = {(each, up) for some in links for each, ups in some.items() for up in ups}
        if self.given.type == "Offline":
            pairs = {(up, each) for each, up in pairs}
        found: dict[str, set[str]] = {}
        for each, up in pairs:
            found.setdefault(each, set()).add(up)
        return {each: frozenset(ups) for each, ups in found.items()}


def _is_absent(call: Sent) -> bool:
    return refused(call) and call.ending.fault.http_status == NOT_FOUND


def _objects(value: Any) -> tuple[Any, ...]:
    """The objects in a page or a lookup."""
    return tuple(value.objects) if hasattr(value, "objects") else (value.object, *value.others)
