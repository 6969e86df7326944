"""What is wrong with what a step was given, and what is doubtful: values with the facts, and no sentence.

`input` is the input that a problem is about. `given` is the user's own text as it may be shown: without secrets, cut,
and quoted in ASCII. A text that can only be a number is given as it is.
"""

from enum import Enum, auto

from . import frozen
from .studio.request import Fault


class Slip(Enum):
    """A fault that is always the same."""

    NO_OBJECTS = auto()  # no object-ids, no objects, no objects-file and no run-ids
    NO_OUTPUTS = auto()  # the runner names no file for outputs
    NO_PROJECT = auto()
    NO_REGION = auto()  # nor an endpoint
    NO_KEY = auto()  # nor a role
    KEY_AND_ROLE = auto()
    NOT_A_ROLE = auto()
    NOT_A_PROVIDER = auto()
    NOT_A_SESSION_NAME = auto()
    NO_IDENTITY = auto()  # the job gets no ID token
    IDENTITY_ELSEWHERE = auto()  # the token would be asked for in the clear
    STAGE_UNFOLLOWED = auto()  # until-stage with wait: false
    RUNS_UNFOLLOWED = auto()  # run-ids with wait: false
    STAGE_WITHOUT_AUTO = auto()  # auto-run-until-stage with run-mode: Normal
    AUTO_WITHOUT_STAGE = auto()  # run-mode: Auto without auto-run-until-stage
    RUNS_WITH_NAMES = auto()  # run-ids with objects or objects-file
    RUNS_WITH_AUTO = auto()  # run-ids with run-mode: Auto
    UPSTREAM_UNREAD = auto()  # upstream: fail or include with preflight: false
    UPSTREAM_UNORDERED = auto()  # upstream: include with order: given
    UPSTREAM_OFFLINE = auto()  # upstream: include with type: Offline
    CHANGES_OFFLINE = auto()  # only-changed with type: Offline


@frozen
class NotOneOf:
    """A word that is none of the choices."""

    input: str
    given: str
    choices: tuple[str, ...]


@frozen
class NotAlone:
    """The word that stands for no choice, beside others."""

    input: str
    word: str


@frozen
class NotANumber:
    """No number of this unit, or one out of bounds. `auto` is allowed as well where it says so."""

    input: str
    given: str
    least: float
    most: float
    unit: str
    or_auto: bool = False


@frozen
class NotWhole:
    """No whole number, or one out of bounds. `auto` is allowed as well where it says so."""

    input: str
    given: str
    least: int
    most: int
    or_auto: bool = False


@frozen
class NotAStage:
    """What cannot be a stage's code."""

    input: str
    given: str


@frozen
class NotAnStsEndpoint:
    """What is no host of the Security Token Service."""

    given: str


@frozen
class NotUtf8:
    """Bytes that are no text in UTF-8."""

    input: str
    given: str


@frozen
class NotAProject:
    """What cannot be a workspace's ID; `is_float` where YAML or JSON has made a float of it."""

    given: str
    is_float: bool = False


@frozen
class NotARegion:
    """What cannot be a region's ID."""

    given: str


@frozen
class NotAnEndpoint:
    """A host that calls may not go to; or, where any host may be named (`unsafe`), no host at all."""

    given: str
    unsafe: bool


class ListFault(Enum):
    """Why something is no list of IDs."""

    EMPTY = auto()
    COMMENTS_ONLY = auto()
    BROKEN = auto()  # begins like JSON, and is none
    NOT_FLAT = auto()  # another JSON value than one array


@frozen
class NotAList:
    """No list of IDs."""

    input: str
    why: ListFault


@frozen
class NotAnId:
    """What cannot be an ID. `odd` is a character of it that looks like another, or a `#` in it."""

    input: str
    given: str
    odd: str = ""


@frozen
class Swallowed:
    """An ID in the comment behind another: lines that were joined to one put it there."""

    input: str
    given: str


@frozen
class Dashed:
    """An ID behind the dash of a list."""

    input: str
    given: str


@frozen
class LostDigits:
    """Not an ID, but the float that was made of one; `in_json` as a number of a JSON array."""

    input: str
    given: str
    in_json: bool = False


@frozen
class Nulls:
    """Places of a JSON array, from 1, that hold no ID."""

    input: str
    places: tuple[int, ...]


@frozen
class NotAnItem:
    """A value of a JSON array, at a place from 1, that is no string and no integer."""

    input: str
    place: int
    given: str


@frozen
class TooManyIds:
    """More different IDs than one step takes."""

    input: str
    given: int
    most: int


@frozen
class Unpaired:
    """So many different runs for so many different objects."""

    runs: int
    objects: int


@frozen
class NoLines:
    """No object at all, where one a line is asked for."""

    input: str


@frozen
class TooManyLines:
    """More lines than can be meant."""

    input: str
    given: int
    most: int


@frozen
class NotALine:
    """A line that cannot be meant, as `fault` says, and the numbers of `others` with the same fault.

    `given` is the line as it may be shown. The text in `fault` may not.
    """

    fault: Fault
    given: str
    others: tuple[int, ...] = ()


class FileFault(Enum):
    """Why a file of the workspace cannot be used."""

    NO_WORKSPACE = auto()
    MISSING = auto()
    OUTSIDE = auto()
    LINKED_OUT = auto()  # its path lies in the workspace, and a link leads out of it
    FOLDER = auto()
    NO_PLAIN_FILE = auto()  # a pipe, a socket or a device
    TOO_LARGE = auto()
    NOT_UTF8 = auto()
    UNREADABLE = auto()  # whatever else the system objects to


@frozen
class Unusable:
    """A file, named by an input, that cannot be used. At most `most` bytes are read of one."""

    input: str
    given: str
    why: FileFault
    most: int


class TargetFault(Enum):
    """Why a report cannot be written to a file of the workspace."""

    NO_WORKSPACE = auto()
    OUTSIDE = auto()
    LINKED_OUT = auto()  # its path lies in the workspace, and a link leads out of it
    FOLDER = auto()
    NO_PLAIN_FILE = auto()  # a pipe, a socket or a device
    NO_FOLDER = auto()  # the one that it would lie in is not there
    UNWRITABLE = auto()  # whatever else the system objects to


@frozen
class NoTarget:
    """A file, named by an input, that nothing can be written to."""

    input: str
    given: str
    why: TargetFault


@frozen
class HalfRole:
    """A part of a role that is missing; the other one is there."""

    input: str


@frozen
class HalfKey:
    """A part of a key that is missing; others are there."""

    input: str


@frozen
class BrokenKey:
    """A part of a key, `id`, `secret` or `token`, with a character that no key has."""

    part: str


@frozen
class Repeated:
    """An ID that was given so many times."""

    input: str
    given: str
    times: int


@frozen
class Rounded:
    """An ID that looks as if a program had rounded it."""

    input: str
    given: str


@frozen
class UnusedProxy:
    """A variable that names a proxy and is not used."""

    variable: str


@frozen
class BeyondJobLimit:
    """The deadline lies behind the time at which GitHub ends jobs; `minutes` is that time."""

    minutes: int


@frozen
class NoCertificate:
    """The file of SSL_CERT_FILE holds no certificate."""

    path: str


@frozen
class NoFile:
    """The file of SSL_CERT_FILE cannot be read; `why` is the system's word."""

    path: str
    why: str


@frozen
class NoFolder:
    """SSL_CERT_DIR names no folder."""

    path: str


@frozen
class Unwritten:
    """A file of the host that could not be written; `why` is the system's word, None where it would be too long."""

    path: str
    why: str | None


ValueFault = (
    NotOneOf
    | NotAlone
    | NotANumber
    | NotWhole
    | NotAStage
    | NotUtf8
    | NotAProject
    | NotARegion
    | NotAnEndpoint
    | NotAnStsEndpoint
    | NoTarget
)
IdFault = NotAList | NotAnId | Swallowed | Dashed | LostDigits | Nulls | NotAnItem | TooManyIds | Unpaired
LineFault = NoLines | TooManyLines | NotALine | Unusable
KeyFault = HalfRole | HalfKey | BrokenKey
# What refuses the inputs.
Problem = Slip | ValueFault | IdFault | LineFault | KeyFault
# What refuses nothing, and should be looked at.
Doubt = Repeated | Rounded | UnusedProxy | BeyondJobLimit | NoCertificate | NoFile | NoFolder | Unwritten
