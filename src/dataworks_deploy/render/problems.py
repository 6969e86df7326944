"""What is wrong with what a step was given, in words: what was wrong, the likely cause, and the fix."""

import unicodedata
from typing import assert_never

from dataworks_deploy.domain.problem import (
    BeyondJobLimit,
    BrokenKey,
    Dashed,
    Doubt,
    FileFault,
    HalfKey,
    HalfRole,
    IdFault,
    KeyFault,
    LineFault,
    ListFault,
    LostDigits,
    NoCertificate,
    NoFile,
    NoFolder,
    NoLines,
    NotALine,
    NotAList,
    NotAlone,
    NotAnEndpoint,
    NotAnId,
    NotAnItem,
    NotAnStsEndpoint,
    NotANumber,
    NotAProject,
    NotARegion,
    NoTarget,
    NotAStage,
    NotOneOf,
    NotUtf8,
    NotWhole,
    Nulls,
    Problem,
    Repeated,
    Rounded,
    Slip,
    Swallowed,
    TargetFault,
    TooManyIds,
    TooManyLines,
    Unpaired,
    Unusable,
    UnusedProxy,
    Unwritten,
    ValueFault,
    WrongComma,
)
from dataworks_deploy.domain.studio import request
from dataworks_deploy.domain.studio.catalog import Kind

from .language import say, word
from .texts import any_of, joined

SLIPS = {
    Slip.NO_OBJECTS: (
        "object-ids: no object is given. Give object-ids, objects or objects-file, or run-ids to "
        "continue existing runs. An expression that finds nothing arrives empty: check its spelling. "
        "If the list may be empty, set allow-empty: true."
    ),
    Slip.NO_OUTPUTS: (
        "GITHUB_OUTPUT: is not set, so this step could not even say which runs it creates. The runner sets it: leave "
        "it as it is, and pass it on where a script or a container starts the action."
    ),
    Slip.NO_PROJECT: (
        "project-id: is required. It is the number that DataWorks shows under Workspace Details, not the workspace's "
        "name."
    ),
    Slip.NO_REGION: "region: is required (or endpoint). It is the workspace's, such as cn-shanghai.",
    Slip.NO_KEY: (
        "access-key-id: no credentials. Set role-arn and oidc-provider-arn, or access-key-id and access-key-secret "
        "from secrets, or run an action before this one that exports ALIBABA_CLOUD_ACCESS_KEY_ID and its companions. "
        "A secret that does not exist arrives empty. So does each secret in a pull request from a fork, and in a run "
        "that Dependabot starts: that sees Dependabot secrets only."
    ),
    Slip.KEY_AND_ROLE: ("access-key-id: is given beside role-arn. Give an access key or a role, not both."),
    Slip.NOT_A_ROLE: (
        "role-arn: is not the ARN of a RAM role, such as acs:ram::1234567890123456:role/deployer."
    ),
    Slip.NOT_A_PROVIDER: (
        "oidc-provider-arn: is not the ARN of an OIDC provider, such as "
        "acs:ram::1234567890123456:oidc-provider/github."
    ),
    Slip.NOT_A_SESSION_NAME: (
        "role-session-name: must have 2 to 64 characters of A-Z, a-z, 0-9, _, ., @ and -."
    ),
    Slip.NO_IDENTITY: (
        "role-arn: the job has no identity to assume the role with. Add `permissions: id-token: write` to the job; a "
        "pull request from a fork never gets one."
    ),
    Slip.IDENTITY_ELSEWHERE: (
        "role-arn: ACTIONS_ID_TOKEN_REQUEST_URL is not GitHub's, which begins with https://."
    ),
    Slip.STAGE_UNFOLLOWED: (
        "until-stage: means nothing with wait: false, which does not follow the runs. Leave one of them out."
    ),
    Slip.RUNS_UNFOLLOWED: (
        "run-ids: with wait: false there is nothing to do, because runs are not created and not followed."
    ),
    Slip.STAGE_WITHOUT_AUTO: (
        "auto-run-until-stage: works with run-mode: Auto only. Set it, or use until-stage instead."
    ),
    Slip.AUTO_WITHOUT_STAGE: (
        "run-mode: Auto goes together with auto-run-until-stage, the last stage that the service executes by itself. "
        "Alone it does nothing."
    ),
    Slip.RUNS_WITH_NAMES: (
        "run-ids: cannot stand beside objects or objects-file, because names cannot be paired with "
        "runs. Leave those out. In their place you may give object-ids: one ID for each run, in the "
        "same order."
    ),
    Slip.RUNS_WITH_AUTO: (
        "run-mode: is decided when a run is created, and cannot be changed for those of run-ids."
    ),
    Slip.UPSTREAM_UNREAD: (
        "upstream: fail and include need the readings that preflight: false leaves out. Leave one of them out."
    ),
    Slip.UPSTREAM_UNORDERED: (
        "upstream: include adds objects, and with order: given they have no place. Use order: dependencies, or list "
        "those objects yourself."
    ),
    Slip.UPSTREAM_OFFLINE: (
        "upstream: include would take objects out of production that nobody has named. With type: "
        "Offline leave out upstream, and name each object."
    ),
    Slip.CHANGES_OFFLINE: (
        "only-changed says which objects to deploy again, and type: Offline takes objects out of production. Leave "
        "out only-changed."
    ),
}
LISTS = {
    ListFault.EMPTY: "{name}: the list is empty. Give at least one ID.",
    ListFault.COMMENTS_ONLY: "{name}: the list is empty: it has comments only. Give at least one ID.",
    ListFault.BROKEN: (
        '{name}: begins like JSON, but is not a JSON array. Write the IDs one on a line, or as ["123", "456"].'
    ),
    ListFault.NOT_FLAT: '{name}: a JSON value here must be one flat array, such as ["123", "456"].',
}
# What is added where an empty list can be meant.
IF_MEANT = "If it may be empty, set allow-empty: true."
# What is added where a name may stand in the place of an ID.
NAMES_GO = "Names, paths and patterns go into the input objects."
FILES = {
    FileFault.NO_WORKSPACE: (
        "{name}: {given} cannot be read, because GITHUB_WORKSPACE is not set. The runner sets it: leave it as it is, "
        "and pass it on where a script or a container starts the action."
    ),
    FileFault.MISSING: (
        "{name}: {given} is not in the working directory. Mostly the job has not checked out the repository: run "
        "actions/checkout before this step. Otherwise check the path: it begins in the repository's top folder, and "
        "upper and lower case differ."
    ),
    FileFault.OUTSIDE: (
        "{name}: {given} lies outside the working directory. Write the path as it is in the repository, such as "
        "deploy/objects.txt: without / in front, without .. and without github.workspace, which names another folder "
        "than the action's container has."
    ),
    FileFault.LINKED_OUT: (
        "{name}: {given} is a link that leads out of the working directory, or lies behind one. Put the file itself "
        "into the working directory."
    ),
    FileFault.FOLDER: "{name}: {given} is a folder. Give the path of one file in it.",
    FileFault.NO_PLAIN_FILE: (
        "{name}: {given} is a pipe, a socket or a device. Write the lines to an ordinary file in a step before this "
        "one."
    ),
    FileFault.TOO_LARGE: (
        "{name}: {given} is too large: at most {most:,} bytes are read. A list has one object or pattern a line, so "
        "this may be another file. Patterns make a list shorter."
    ),
    FileFault.NOT_UTF8: (
        "{name}: {given} is not in UTF-8. Save it as UTF-8: Windows PowerShell writes UTF-16 with >, and Chinese "
        "editors may write GBK."
    ),
    FileFault.UNREADABLE: (
        "{name}: {given} cannot be read. Check that its permissions allow it, and that no link in its path leads "
        "back to itself."
    ),
}
TARGETS = {
    TargetFault.NO_WORKSPACE: (
        "{name}: {given} cannot be written, because GITHUB_WORKSPACE is not set. The runner sets it: leave it as it "
        "is, and pass it on where a script or a container starts the action."
    ),
    TargetFault.OUTSIDE: (
        "{name}: {given} lies outside the working directory. Write the path as seen from the repository's top "
        "folder, such as preview.md: without / in front, without .. and without github.workspace, which names "
        "another folder than the action's container has."
    ),
    TargetFault.LINKED_OUT: (
        "{name}: {given} is a link that leads out of the working directory, or lies behind one. Give another path."
    ),
    TargetFault.FOLDER: "{name}: {given} is a folder. Give the path of a file, such as preview.md.",
    TargetFault.NO_PLAIN_FILE: "{name}: {given} is a pipe, a socket or a device. Give the path of an ordinary file.",
    TargetFault.IS_READ: (
        "{name}: {given} is the file of objects-file, and the report would replace it. Give another path."
    ),
    TargetFault.NO_FOLDER: (
        "{name}: {given} cannot be written, because its folder is not there. Make the folder in a step before this "
        "one, or give a path without a folder, such as preview.md."
    ),
    TargetFault.UNWRITABLE: "{name}: {given} cannot be written. Check the name, and the permissions of the file and "
    "of its folder.",
}
# What Data Studio calls the kinds in Chinese.
KINDS = {"节点": Kind.NODE, "工作流": Kind.WORKFLOW, "资源": Kind.RESOURCE, "函数": Kind.FUNCTION}
# Where a null comes from, and what has to go with it.
NULLS = {
    "run-ids": "{name}: the JSON array has null at place {where}. The output run-ids has null for an object without "
    "a run. Leave these out: jq -c 'map(select(.))'. Where object-ids is given, leave their objects out "
    "too.",
    "object-ids": "{name}: the JSON array has null at place {where}. The output results has null where run-ids was "
    "given alone. Leave these out: jq -c 'map(select(.))'.",
}


def said(problem: Problem | Doubt) -> str:
    """What a person reads of it: which input, what is wrong with it, the likely cause and the fix."""
    if isinstance(problem, Slip):
        return word(SLIPS[problem])
    if isinstance(problem, IdFault):
        return _of_ids(problem)
    if isinstance(problem, LineFault):
        return _of_lines(problem)
    if isinstance(problem, KeyFault):
        return _of_credentials(problem)
    return _of_value(problem) if isinstance(problem, ValueFault) else _doubt(problem)


def _of_value(problem: ValueFault) -> str:
    match problem:
        case NotOneOf(name, given, choices):
            return say(
                "{name}: {given} is not one of {choices}.", name=name, given=given, choices=any_of(choices)
            )
        case NotAlone(name, given):
            return say("{name}: {given} cannot stand beside other values.", name=name, given=given)
        case WrongComma(name, given):
            return say(
                "{name}: {given} has a Chinese comma. Separate values by a comma of the English keyboard, or by a "
                "blank.",
                name=name,
                given=given,
            )
        case NotANumber(name, given, least, most, unit, or_auto):
            numbers = (
                "{name}: {given} is not a number of {unit} from {least:g} to {most:g}, or auto."
                if or_auto
                else "{name}: {given} is not a number of {unit} from {least:g} to {most:g}."
            )
            return say(numbers, name=name, given=given, unit=word(unit), least=least, most=most)
        case NotWhole(name, given, least, most, or_auto):
            whole = (
                "{name}: {given} is not a whole number from {least} to {most}, or auto."
                if or_auto
                else "{name}: {given} is not a whole number from {least} to {most}."
            )
            return say(whole, name=name, given=given, least=least, most=most)
        case NotAStage(name, given):
            return say("{name}: {given} is not a stage code, such as PROD_CHECK.", name=name, given=given)
        case NotUtf8(name, given):
            return say(
                "{name}: {given} is not in UTF-8, which is all that the service takes. Write it in UTF-8, or leave "
                "it out.",
                name=name,
                given=given,
            )
        case NotARegion(given):
            return say("region: {given} is not a region ID, such as cn-shanghai.", given=given)
        case NoTarget(name, given, why):
            return say(TARGETS[why], name=name, given=given)
        case NotAProject() | NotAnEndpoint() | NotAnStsEndpoint():
            return _of_place(problem)
        case _ as never:
            assert_never(never)


def _of_place(problem: NotAProject | NotAnEndpoint | NotAnStsEndpoint) -> str:
    match problem:
        case NotAProject(given, is_float=True):
            return say(
                "project-id: {given} is not a workspace ID. YAML has turned the number into a float. Quote it, such as "
                'project-id: "12345".',
                given=given,
            )
        case NotAProject(given):
            return say(
                "project-id: {given} is not a workspace ID. It is a number, such as 12345, not the workspace's name.",
                given=given,
            )
        case NotAnStsEndpoint(given):
            return say(
                "sts-endpoint: {given} is not a host of the Security Token Service, such as "
                "sts.cn-shanghai.aliyuncs.com or, inside a VPC, sts-vpc.cn-shanghai.aliyuncs.com. For an emulator, "
                "set DATAWORKS_ALLOW_UNSAFE_ENDPOINT=true in the step's env.",
                given=given,
            )
        case NotAnEndpoint(given, unsafe=True):
            return say(
                "endpoint: {given} is not a host. It may have http:// in front and a port behind. Leave out "
                "everything else, such as a path or a login.",
                given=given,
            )
        case NotAnEndpoint(given):
            return say(
                "endpoint: {given} is not a host name of the DataWorks service, such as "
                "dataworks.cn-shanghai.aliyuncs.com. For an emulator, set DATAWORKS_ALLOW_UNSAFE_ENDPOINT=true in "
                "the step's env.",
                given=given,
            )
        case _ as never:
            assert_never(never)


def _of_ids(problem: IdFault) -> str:
    match problem:
        case NotAList("object-ids" as name, ListFault.EMPTY | ListFault.COMMENTS_ONLY as why):
            return joined(say(LISTS[why], name=name), word(IF_MEANT))
        case NotAList(name, why):
            return say(LISTS[why], name=name)
        case NotAnId() | Dashed() | LostDigits() | Swallowed():
            return _of_id(problem)
        case Nulls(name, places):
            where = ", ".join(map(str, places[:10])) + (", …" if len(places) > 10 else "")
            return say(NULLS[name], name=name, where=where)
        case NotAnItem(name, place, given):
            return say(
                "{name}: place {place} of the JSON array is {given}, and not a string or an integer.",
                name=name,
                place=place,
                given=given,
            )
        case TooManyIds(name, found, most):
            return say(
                "{name}: {found:,} IDs are more than the {most:,} that one step takes: its outputs could exceed the "
                "1 MB that GitHub takes of a job. Split them into several jobs.",
                name=name,
                found=found,
                most=most,
            )
        case Unpaired(runs, objects):
            return say(
                "run-ids: {runs} different runs for {objects} different objects. Give one run for each object in the "
                "same order, or run-ids alone.",
                runs=runs,
                objects=objects,
            )
        case _ as never:
            assert_never(never)


def _of_id(problem: NotAnId | Dashed | LostDigits | Swallowed) -> str:
    match problem:
        case LostDigits(name, given, in_json):
            lost = (
                "{name}: {given} is not an integer. YAML has turned the number into a float, and its last digits are "
                "lost. Quote the ID, or put the IDs in a block ({name}: |)."
                if in_json
                else "{name}: {given} is not an ID. YAML has turned the number into a float, and its last digits are "
                "lost. Quote the ID, or put the IDs in a block ({name}: |)."
            )
            return say(lost, name=name, given=given)
        case Swallowed(name, given):
            return say(
                "{name}: {given} stands in a comment behind an ID, and would be ignored. YAML joins the lines of a "
                "block with >, and so does a form on GitHub. Use a block with |, or leave the comments out.",
                name=name,
                given=given,
            )
        case Dashed(name, given):
            return say(
                "{name}: {given} is not an ID. Write the IDs one on a line, without a dash in front.",
                name=name,
                given=given,
            )
        case NotAnId(name, given, odd):
            wrong = say(
                "{name}: {given} is not an ID{oddity}. An ID has 1 to 64 characters: A-Z, a-z, 0-9, _ and -. "
                "Separate IDs by new lines, commas or blanks, without brackets.",
                name=name,
                given=given,
                oddity=_oddity(odd),
            )
            return joined(wrong, word(NAMES_GO)) if name == "object-ids" else wrong
        case _ as never:
            assert_never(never)


def _of_lines(problem: LineFault) -> str:
    match problem:
        case NoLines(name):
            empty = say(
                "{name}: holds no object, only comments or blank lines. Give at least one object.", name=name
            )
            return joined(empty, word(IF_MEANT))
        case TooManyLines(name, found, most):
            return say(
                "{name}: {found:,} lines are more than the {most:,} that are read. A list has one object or pattern "
                "a line, so this may be another text. Patterns make a list shorter.",
                name=name,
                found=found,
                most=most,
            )
        case NotALine(fault, given, others):
            line = fault.line
            wrong = say(
                "{source}: line {number}, {given}, {fault}",
                source=line.source,
                number=line.number,
                given=given,
                fault=_of_line(fault),
            )
            return joined(wrong, _also(others))
        case Unusable(name, given, why, most):
            return say(FILES[why], name=name, given=given, most=most)
        case _ as never:
            assert_never(never)


def _of_line(fault: request.Fault) -> str:
    match fault:
        case request.NothingSought():
            return say("names no object. Write a name, a path or a pattern behind it, or leave the line out.")
        case request.UnknownKind(_, word_in_chinese) if word_in_chinese in KINDS:
            return say(
                "begins with a kind in Chinese. Write {kind}: instead of {word}:.",
                kind=KINDS[word_in_chinese],
                word=word_in_chinese,
            )
        case request.UnknownKind():
            kinds = ", ".join(f"{kind}:" for kind in Kind)
            return say(
                "begins with a word and a colon, and that is no kind of object. The kinds are {kinds}. A line "
                "without a kind finds objects of all kinds.",
                kinds=kinds,
            )
        case request.LostDigits(line) if line.source == "objects":
            return say(
                "is not an ID. YAML has turned the number into a float and its last digits are lost: quote the ID, "
                "or put the lines in a block (objects: |)."
            )
        case request.LostDigits():
            return say(
                "is not an ID. A program, such as a spreadsheet, has made a float of the number and its last digits "
                "are lost: write the ID as DataWorks shows it."
            )
        case request.Quoted():
            return say("stands in quotes, and here they would be part of the name. Leave them out.")
        case request.WrongSlash():
            return say(
                "has a full-width slash (／) or a backslash (\\), and neither separates folders. Write / instead."
            )
        case request.Dashed():
            return say(
                "begins with a dash, as an item of a YAML list does. Here each line is text: leave the dash out."
            )
        case request.Folder():
            return say(
                "ends with /, as a folder does. For all that is in the folder, write ** behind the /. With type: "
                "Offline, name each object."
            )
        case request.ExcludesFirst():
            return say(
                "takes objects away, and no line before it takes anything. Lines count from the top: put it behind "
                "the lines that it restricts."
            )
        case request.PatternOffline():
            return say(
                "is a pattern, and with type: Offline each object must be named. Give IDs, names or paths without *."
            )
        case _ as never:
            assert_never(never)


def _also(lines: tuple[int, ...]) -> str:
    some = ", ".join(map(str, lines[:10])) + (", …" if len(lines) > 10 else "")
    return say("The same is wrong in line {lines}.", lines=some) if lines else ""


def _oddity(odd: str) -> str:
    if odd == "#":
        return word(": a comment needs a blank before its #")
    if not odd:
        return ""
    return say(
        ": {sign!a} is {name}", sign=odd, name=unicodedata.name(odd, word("a character without a name"))
    )


def _of_credentials(problem: KeyFault) -> str:
    match problem:
        case HalfRole(name):
            other = "role-arn" if name == "oidc-provider-arn" else "oidc-provider-arn"
            return say(
                "{name}: is empty while {other} is given. A role is assumed with both of them.",
                name=name,
                other=other,
            )
        case HalfKey(name):
            return say(
                "{name}: is empty while other parts of the credentials are set. Take the whole set from one place, "
                "and check that the secret exists under that name.",
                name=name,
            )
        case BrokenKey(part):
            return say(
                "credentials: the key's {part} contains a blank, a line end or another character that no key has. "
                "Copy it again into the secret.",
                part=part,
            )
        case _ as never:
            assert_never(never)


def _doubt(doubt: Doubt) -> str:
    match doubt:
        case Repeated(name, given, times):
            return say(
                "{name}: {given} is given {times} times; it counts once.",
                name=name,
                given=given,
                times=times,
            )
        case Rounded(name, given):
            return say(
                "{name}: {given} ends in 000. JavaScript and jq round IDs so. If DataWorks shows another ID, pass "
                "IDs on as strings.",
                name=name,
                given=given,
            )
        case UnusedProxy(variable):
            return say(
                "{variable} is set, and this action does not use it. Set HTTPS_PROXY to send its calls through a "
                "proxy, and NO_PROXY to exclude hosts.",
                variable=variable,
            )
        case BeyondJobLimit(minutes):
            return say(
                "timeout-minutes is longer than {minutes} minutes. GitHub ends a job after that time, unless the "
                "job's own timeout-minutes is longer. On GitHub's own runners it always does. For this action that "
                "is a cancellation: it abolishes runs that wait for a person then, unless abolish-on is never.",
                minutes=minutes,
            )
        case NoCertificate(path):
            return say(
                "SSL_CERT_FILE: {path} holds no certificate in PEM, so it adds none to those that are trusted.",
                path=path,
            )
        case NoFile(path, why):
            return say(
                "SSL_CERT_FILE: {path} cannot be read in the action's container ({why}). Of the machine's files the "
                "container has only the working directory, as /github/workspace.",
                path=path,
                why=why,
            )
        case NoFolder(path):
            return say(
                "SSL_CERT_DIR: {path} is not a folder in the action's container. Of the machine's files the "
                "container has only the working directory, as /github/workspace.",
                path=path,
            )
        case Unwritten(path, why):
            if why is None:
                return say("{path} cannot be written: it would be larger than the runner accepts.", path=path)
            return say("{path} cannot be written: {why}.", path=path, why=why)
        case _ as never:
            assert_never(never)
