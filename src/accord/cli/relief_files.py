"""`accord relief export`, `import`, `speak`, `alert`, `cap` and `share`: what goes out and in."""

import argparse
import json
import sys

from accord.cli import relief_text
from accord.cli.arguments import add_usual
from accord.cli.command import Subparsers
from accord.cli.relief_said import (
    add_names,
    command,
    incident_of,
    read_from,
    told,
    typed,
    who,
    write_to,
)
from accord.core.errors import AccordError, UsageError
from accord.core.naming import printable
from accord.desks.relief import alerts, forms, sheet
from accord.desks.relief.alerts import Wanted
from accord.desks.relief.as_json import alert_json
from accord.desks.relief.voice import shared_value
from accord.node.relief_files import incidents_of
from accord.wire.cap.render import render


def add_parsers(commands: Subparsers) -> None:
    """Add them."""
    export = command(commands, "export", run_export, "write a sheet as CSV with HXL hashtags")
    _add_what(export)
    export.add_argument(
        "--to", required=True, metavar="FILE",
        help="where it is written; all sheets to a workbook where it ends with .xlsx",
    )  # fmt: skip
    add_names(export)
    take = command(commands, "import", run_import, "take a sheet, whole or not at all")
    take.add_argument(
        "file", metavar="FILE", help="CSV or a workbook, with HXL hashtags or a row of heads"
    )
    _add_what(take)
    speak = command(commands, "speak", run_speak, "print a form as it is read over the radio")
    speak.add_argument("form", metavar="FORM", help="its name, such as t1 or e2")
    alert = command(commands, "alert", run_alert, "issue a CAP 1.2 alert")
    alert.add_argument(
        "fields", nargs="*", metavar="NAME=VALUE", help=", ".join(alerts.TYPED)
    )  # fmt: skip
    alert.add_argument(
        "--group", action="append", default=[], required=True, metavar="GROUP",
        help="for it; may be given again",
    )  # fmt: skip
    after = alert.add_mutually_exclusive_group()
    after.add_argument("--update", default="", metavar="ALERT", help="in the place of this one")
    after.add_argument("--cancel", default="", metavar="ALERT", help="which holds no more")
    add_names(alert)
    listing = commands.add_parser("alerts", help="every alert", description="List every alert.")
    add_usual(listing, run_alerts)
    document = commands.add_parser(
        "cap", help="write an alert as a CAP 1.2 file", description="Write an alert as a file."
    )
    add_usual(document, run_cap)
    document.add_argument("alert", metavar="ALERT", help="its identifier")
    document.add_argument("--to", metavar="FILE", help="printed if not given")
    share = command(commands, "share", run_share, "say an incident to partners, or no longer")
    share.add_argument(
        "--group", action="append", default=[], metavar="GROUP", help="into it; may be given again"
    )
    share.add_argument("--marking", default="", metavar="MARK", help="such as (R//REL TO USA)")
    share.add_argument("--stop", action="store_true", help="say nothing more of it")
    add_names(share)


def _add_what(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--what", choices=sheet.SHEETS, default=sheet.SHEETS[0], help="activity if not given"
    )


def run_export(arguments: argparse.Namespace) -> int:
    """Write a sheet."""
    incident = incident_of(incidents_of(arguments.directory), arguments.incident)
    sheets = sheet.SHEETS if arguments.to.lower().endswith(".xlsx") else (arguments.what,)
    if len(sheets) > 1:
        data = sheet.write_workbook(incident, who().now, with_names=arguments.names)
    else:
        data = sheet.write(incident, arguments.what, with_names=arguments.names)
    write_to(arguments.to, data)
    counts = {key: sum(1 for _ in incident.of(key)) for key in sheets}
    if arguments.json:
        print(json.dumps({"file": arguments.to, "records": sum(counts.values())}))
    else:
        print(f"wrote {arguments.to}: {', '.join(f'{n} of {key}' for key, n in counts.items())}")
    return 0


def run_import(arguments: argparse.Namespace) -> int:
    """Take a sheet."""
    incidents = incidents_of(arguments.directory)
    incident = incident_of(incidents, arguments.incident)
    taken = sheet.read(incident, arguments.what, read_from(arguments.file))
    entered = incidents.enter(incident.id, taken.rows, who())
    if arguments.json:
        said = {"entered": list(entered.ids), "same": taken.same, "ignored": list(taken.ignored)}
        print(json.dumps(said, ensure_ascii=False))
        return 0
    print(f"took {len(taken.rows)} of {arguments.what}; {taken.same} stood there already")
    for each in taken.ignored:
        print(printable(f"not read: column {each}"))
    return 0


def run_speak(arguments: argparse.Namespace) -> int:
    """Print a form for the radio."""
    incident = incident_of(incidents_of(arguments.directory), arguments.incident)
    text = forms.spoken_of(incident, arguments.form)
    print(json.dumps({"text": text}) if arguments.json else text.rstrip("\n"))
    return 0


def run_alert(arguments: argparse.Namespace) -> int:
    """Issue an alert."""
    incidents = incidents_of(arguments.directory)
    name = incident_of(incidents, arguments.incident).id
    wanted = Wanted(
        typed=typed(arguments.fields),
        groups=frozenset(arguments.group),
        update=arguments.update,
        cancel=arguments.cancel,
        with_names=arguments.names,
    )
    incident, identifier = alerts.issue(incidents, name, wanted, who())
    made = alert_json(incident, incident.records[f"alert:{identifier}"])
    if arguments.json:
        print(json.dumps(made, ensure_ascii=False))
    else:
        print("\n".join(map(printable, relief_text.alerts([made]))))
    return 0


def run_alerts(arguments: argparse.Namespace) -> int:
    """Print every alert."""
    found = alerts.listed(incidents_of(arguments.directory).store.all())
    made = [alert_json(*each) for each in found]
    if arguments.json:
        print(json.dumps(made, indent=1, ensure_ascii=False))
    else:
        print("\n".join(map(printable, relief_text.alerts(made))))
    return 0


def run_cap(arguments: argparse.Namespace) -> int:
    """Write an alert as a CAP document."""
    found = alerts.listed(incidents_of(arguments.directory).store.all())
    pair = next((each for each in found if each[1].id == arguments.alert), None)
    if pair is None:
        raise AccordError(f"there is no alert {arguments.alert}; see accord relief alerts")
    data = render(alerts.cap_of(*pair))
    if arguments.to:
        write_to(arguments.to, data)
    elif not arguments.json:
        sys.stdout.write(data.decode())
    if arguments.json:
        print(json.dumps({"alert": arguments.alert, "text": data.decode()}, ensure_ascii=False))
    return 0


def run_share(arguments: argparse.Namespace) -> int:
    """Share an incident."""
    incidents = incidents_of(arguments.directory)
    name = incident_of(incidents, arguments.incident).id
    groups = frozenset(arguments.group)
    if not groups and not arguments.stop:
        raise UsageError("say into which group with --group, or --stop")
    value = "" if arguments.stop else shared_value(
        groups, arguments.marking, incidents.node, with_names=arguments.names
    )  # fmt: skip
    return told(incidents.share(name, value, who()), arguments)
