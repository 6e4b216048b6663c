"""The result of a check: as text for people, as JSON for programs."""

import json
import os
from dataclasses import dataclass, field
from typing import Any

from lfhpe_mmpose.fault_codes import ERROR, WARNING
from lfhpe_mmpose.files.writing import write_text

from .findings import Findings, Found, printable


@dataclass
class Report:
    """What the check of one file has found.

    Attributes:
        path: The file.
        findings: The faults.
        complete: Whether the whole file could be read.
        statistics: Numbers of images, persons, tags.
        keypoint_sets: For each keypoint set, ``keypoints``: the counts by keypoint name.
    """

    path: str
    findings: Findings
    complete: bool = True
    statistics: dict[str, Any] = field(default_factory=dict)
    keypoint_sets: list[dict[str, Any]] = field(default_factory=list)

    def status(self, strict: bool = False) -> int:
        """Exit status 0 or 1; ``strict``: warnings count as errors."""
        return int(self.findings.errors > 0 or (strict and self.findings.warnings > 0))

    def to_dict(self) -> dict[str, Any]:
        """The report for programs, see docs/check-tags.md."""
        found = [(f.severity, f) for s in (ERROR, WARNING) for f in self.findings.of(s)]
        found += [('ignored', f) for f in self.findings.ignored()]
        return dict(
            file=printable(self.path),
            errors=self.findings.errors,
            warnings=self.findings.warnings,
            complete=self.complete,
            found=[
                dict(
                    code=f.kind.code,
                    severity=severity,
                    count=f.count,
                    meaning=f.kind.meaning,
                    remedy=f.kind.remedy,
                    entries=[str(entry) for entry in f.entries],
                    **(dict(guess=f.guess) if f.guess else {}),
                )
                for severity, f in found
            ],
            statistics=self.statistics,
            keypoint_sets=self.keypoint_sets,
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the report as JSON.

        Raises:
            UserError: If it cannot be written.
        """
        write_text(path, json.dumps(self.to_dict(), indent=1) + '\n')

    def text(self) -> str:
        """A block for each kind of fault, numbers, and the result in the last line."""
        blocks = [_block(f) for severity in (ERROR, WARNING) for f in self.findings.of(severity)]
        for found in self.findings.ignored():
            blocks.append(f'ignored  {found.kind.code} ({found.count}): {found.kind.meaning}')
        if self.statistics:
            blocks.append(self._numbers())
        result = f'{self.path}: {_some(self.findings.errors, "error")}, '
        result += _some(self.findings.warnings, 'warning')
        if not self.complete:
            result += '; the file could not be read, and nothing else was checked'
        return printable('\n\n'.join([*blocks, result]))

    def _numbers(self) -> str:
        s = self.statistics
        text = (
            f'{s["images"]} images, {s["persons"]} persons: {s["located"]} with coordinates, '
            f'{s["tagged"]} with tags, {s["with_views"]} with tagged views ({s["views"]} views)'
        )
        if s['crowds']:
            text += f'; {s["crowds"]} crowds are not used'
        files = s.get('image_files')
        if files:
            text += f'\nimage files: {files["there"]} there, {files["missing"]} missing; '
            text += f'{files["opened"]} opened'
            if files['opened'] < files['there']:
                text += ' in the given time (--image-seconds inf opens all)'
        return text


def _block(found: Found) -> str:
    kind, shown = found.kind, len(found.entries)
    lines = [f'{found.severity:<7}  {kind.code} ({found.count}): {kind.meaning}']
    lines += [f'   - {entry}' for entry in found.entries]
    if found.count > shown:
        rest = f'and {found.count - shown} more' if shown else f'{found.count} entries'
        lines.append(f'   - {rest}')
    if found.guess:
        lines.append(f'   guess:  {found.guess}')
    return '\n'.join([*lines, f'   remedy: {kind.remedy}'])


def _some(number: int, what: str) -> str:
    return f'{number} {what}' + ('' if number == 1 else 's')
