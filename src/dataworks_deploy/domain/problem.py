"""What is wrong with a step's inputs, and what is doubtful: values with the facts, without sentences.

`input` is the name of the input. `given` is the user's own text in a form that is safe to show: without secrets, cut,
and quoted in ASCII. A text that can only be a number is given unchanged.
"""

from enum import Enum, auto

from . import frozen
from .studio.request import Fault


class Slip(Enum):
    """A fault without further facts."""

    NO_OBJECTS = auto()  # no object-ids, no objects, no objects-file and no run-ids
    NO_OUTPUTS = auto()  # the runner names no file for outputs
    NO_PROJECT = auto()
    NO_REGION = auto()  # and no endpoint
    NO_KEY = auto()  # and no role
    KEY_AND_ROLE = auto()
    NOT_A_ROLE = auto()
    NOT_A_PROVIDER = auto()
    NOT_A_SESSION_NAME = auto()
    NO_IDENTITY = auto()  # the job gets no ID token
    IDENTITY_ELSEWHERE = auto()  # the token would be requested without encryption
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
    """A word that is not one of the choices."""

    input: str
    given: str
    choices: tuple[str, ...]


@frozen
class NotAlone:
    """The word that means no choice, given together with others."""

    input: str
    word: str


@frozen
class WrongComma:
    """Several values with a Chinese comma between them."""

    input: str
    given: str


@frozen
class NotANumber:
    """Not a number of this unit, or out of bounds. With `or_auto`, `auto` is allowed too."""

    input: str
    given: str
    least: float
    most: float
    unit: str
    or_auto: bool = False


@frozen
class NotWhole:
    """Not a whole number, or out of bounds. With `or_auto`, `auto` is allowed too."""

    input: str
    given: str
    least: int
    most: int
    or_auto: bool = False


@frozen
class NotAStage:
    """Not a possible stage code."""

    input: str
    given: str


@frozen
class NotAnStsEndpoint:
    """Not a host of the Security Token Service."""

    given: str


@frozen
class NotUtf8:
    """Bytes that are not UTF-8 text."""

    input: str
    given: str


@frozen
class NotAProject:
    """Not a possible workspace ID. `is_float`: YAML or JSON has made a float of the ID."""

    given: str
    is_float: bool = False


@frozen
class NotARegion:
    """Not a possible region ID."""

    given: str


@frozen
class NotAnEndpoint:
    """A host that calls must not go to. With `unsafe`, every host is allowed, but this text is not a host."""

    given: str
    unsafe: bool


class ListFault(Enum):
    """Why a text is not a list of IDs."""

    EMPTY = auto()
    COMMENTS_ONLY = auto()
    BROKEN = auto()  # begins like JSON, but is not valid JSON
    NOT_FLAT = auto()  # a JSON value that is not one flat array


@frozen
class NotAList:
    """Not a list of IDs."""

    input: str
    why: ListFault


@frozen
class NotAnId:
    """Not a possible ID. `odd` is a character in it that looks like another one, or a `#`."""

    input: str
    given: str
    odd: str = ""


@frozen
class Swallowed:
    """An ID in the comment after another ID: lines joined into one have put it there."""

    input: str
    given: str


@frozen
class Dashed:
    """An ID after the dash of a list."""

    input: str
    given: str


@frozen
class LostDigits:
    """A float made from an ID, which has lost digits. `in_json`: it is a number in a JSON array."""

    input: str
    given: str
    in_json: bool = False


@frozen
class Nulls:
    """Places in a JSON array, from 1, that hold no ID."""

    input: str
    places: tuple[int, ...]


@frozen
class NotAnItem:
    """A value in a JSON array that is not a string and not an integer. `place` counts from 1."""

    input: str
    place: int
    given: str


@frozen
class TooManyIds:
    """More different IDs than one step allows."""

    input: str
    given: int
    most: int


@frozen
class Unpaired:
    """The number of different runs is not the number of different objects."""

    runs: int
    objects: int


@frozen
class NoLines:
    """No object at all. The input wants one on each line."""

    input: str


@frozen
class TooManyLines:
    """More lines than one step allows."""

    input: str
    given: int
    most: int


@frozen
class NotALine:
    """A line that cannot be understood. `fault` says why, and `others` are the numbers of lines with the same fault.

    `given` is the line in a form that is safe to show. The text in `fault` is not safe to show.
    """

    fault: Fault
    given: str
    others: tuple[int, ...] = ()


class FileFault(Enum):
    """Why a file in the workspace cannot be read."""

    NO_WORKSPACE = auto()
    MISSING = auto()
    OUTSIDE = auto()
    LINKED_OUT = auto()  # its path lies in the workspace, but a link leads outside
    FOLDER = auto()
    NO_PLAIN_FILE = auto()  # a pipe, a socket or a device
    TOO_LARGE = auto()
    NOT_UTF8 = auto()
    UNREADABLE = auto()  # any other error of the system


@frozen
class Unusable:
    """A file, named by an input, that cannot be read. `most` is the largest size allowed, in bytes."""

    input: str
    given: str
    why: FileFault
    most: int


class TargetFault(Enum):
    """Why a report cannot be written to a file in the workspace."""

    NO_WORKSPACE = auto()
    OUTSIDE = auto()
    LINKED_OUT = auto()  # its path lies in the workspace, but a link leads outside
    FOLDER = auto()
    NO_PLAIN_FILE = auto()  # a pipe, a socket or a device
    IS_READ = auto()  # another input names it, to be read
    NO_FOLDER = auto()  # the folder for it does not exist
    UNWRITABLE = auto()  # any other error of the system


@frozen
class NoTarget:
    """A file, named by an input, that cannot be written."""

    input: str
    given: str
    why: TargetFault


@frozen
class HalfRole:
    """A missing part of a role. The other part is given."""

    input: str


@frozen
class HalfKey:
    """A missing part of a key. Other parts are given."""

    input: str


@frozen
class BrokenKey:
    """A part of a key (`id`, `secret` or `token`) with a character that no key contains."""

    part: str


@frozen
class Repeated:
    """An ID that was given more than once."""

    input: str
    given: str
    times: int


@frozen
class Rounded:
    """An ID that looks as if a program has rounded it."""

    input: str
    given: str


@frozen
class UnusedProxy:
    """A variable that names a proxy, but is not used."""

    variable: str


@frozen
class BeyondJobLimit:
    """The deadline is later than the time at which GitHub ends jobs, `minutes` after their start."""

    minutes: int


@frozen
class NoCertificate:
    """The file in SSL_CERT_FILE holds no certificate."""

    path: str


@frozen
class NoFile:
    """The file in SSL_CERT_FILE cannot be read. `why` is the system's message."""

    path: str
    why: str


@frozen
class NoFolder:
    """SSL_CERT_DIR does not name a folder."""

    path: str


@frozen
class Unwritten:
    """A file of the host that could not be written. `why` is the system's message; None if the text would be
    too long.
    """

    path: str
    why: str | None


ValueFault = (
    NotOneOf
    | NotAlone
    | WrongComma
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
# The step refuses inputs with one of these.
Problem = Slip | ValueFault | IdFault | LineFault | KeyFault
# The step accepts these, but people should look at them.
Doubt = Repeated | Rounded | UnusedProxy | BeyondJobLimit | NoCertificate | NoFile | NoFolder | Unwritten
