"""The result of a check: as text for people, as JSON for programs."""

import os
from dataclasses import dataclass, field

from lfhpe_mmpose.files.writing import write_json

from .findings import Findings, Found, printable
from .kinds import ERROR, WARNING


@dataclass
class Report:
    """What the check of one file has found.

    Attributes:
        path (str): The file.
        findings (Findings): The faults.
        complete (bool): Whether the whole file could be read.
        statistics (dict): Numbers of images, persons, tags.
        keypoint_sets (list[dict]): For each keypoint set the tags by keypoint name.
    """

    path: str
    findings: Findings
    complete: bool = True
    statistics: dict = field(default_factory=dict)
    keypoint_sets: list[dict] = field(default_factory=list)

    def status(self, strict: bool = False) -> int:
        """Exit status.

        Args:
            strict (bool): Whether warnings count as errors. Defaults to False.

        Returns:
            int: 0 or 1.
        """
        return int(self.findings.errors > 0 or (strict and self.findings.warnings > 0))

    def to_dict(self) -> dict:
        """The report for programs, see docs/check-tags.md."""
        return dict(
            file=printable(self.path),
            errors=self.findings.errors,
            warnings=self.findings.warnings,
            complete=self.complete,
            found=[
                dict(
                    code=found.kind.code,
                    severity=severity,
                    count=found.count,
                    meaning=found.kind.meaning,
                    remedy=found.kind.remedy,
                    entries=found.entries,
                )
                for severity, kinds in (
                    (ERROR, self.findings.of(ERROR)),
                    (WARNING, self.findings.of(WARNING)),
                    ('ignored', self.findings.ignored()),
                )
                for found in kinds
            ],
            statistics=self.statistics,
            keypoint_sets=self.keypoint_sets,
        )

    def save(self, path: str | os.PathLike) -> None:
        """Write the report as JSON: whole or not at all.

        Args:
            path (str | os.PathLike): The file.

        Raises:
            UserError: If it cannot be written.
        """
        write_json(path, self.to_dict(), indent=1)

    def text(self) -> str:
        """The report for people.

        Returns:
            str: A block for each kind of fault, numbers, and the result in the last line.
        """
        blocks = [_block(f) for severity in (ERROR, WARNING) for f in self.findings.of(severity)]
        for found in self.findings.ignored():
            blocks.append(f'ignored  {found.kind.code} ({found.count}): {found.kind.meaning}')
        numbers = self._numbers()
        if numbers:
            blocks.append(numbers)
        result = f'{self.path}: {_some(self.findings.errors, "error")}, '
        result += _some(self.findings.warnings, 'warning')
        if not self.complete:
            result += '; the file could not be read, and nothing else was checked'
        return printable('\n\n'.join([*blocks, result]))

    def _numbers(self) -> str:
        s = self.statistics
        if not s:
            return ''
        lines = [
            f'{s["images"]} images, {s["persons"]} persons: {s["located"]} with coordinates, '
            f'{s["tagged"]} with tags, {s["with_views"]} with tagged views ({s["views"]} views)'
        ]
        if s['crowds']:
            lines[0] += f'; {s["crowds"]} crowds are not used'
        files = s.get('image_files')
        if files:
            lines.append(
                f'image files: {files["there"]} there, {files["missing"]} missing; '
                f'{files["opened"]} opened'
            )
            if files['opened'] < files['there']:
                lines[-1] += ' in the given time (--image-seconds inf opens all)'
        return '\n'.join(lines)


def _block(found: Found) -> str:
    kind = found.kind
    lines = [f'{found.severity:<7}  {kind.code} ({found.count}): {kind.meaning}']
    lines += [f'   - {entry}' for entry in found.entries]
    more = found.count - len(lines) + 1
    if more > 0:
        lines.append(f'   - and {more} more' if len(lines) > 1 else f'   - {more} entries')
    return '\n'.join([*lines, f'   remedy: {kind.remedy}'])


def _some(number: int, what: str) -> str:
    return f'{number} {what}' + ('' if number == 1 else 's')
