"""Checks that boxes and keypoints fit their images, by the rules of ``lfhpe check``."""

import logging

from mmengine.logging import print_log

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.misfits import misfits

from .annotations import Annotations
from .report import problem
from .sources import Source


def check_geometry(annotations: Annotations, source: Source) -> list[UserError]:
    """Refuse boxes and keypoints that are certainly wrong, and warn of the rest.

    Keypoints are compared only if the data set may use them: coordinates that
    ``WithholdLocations`` withholds from everybody must not decide whether a run starts.
    """
    images = annotations.tags.images_by_id()
    withhold = [step.cfg for step in source.steps if step.name == 'WithholdLocations']
    located = not withhold or withhold[0].get('fraction') != 0
    persons = [a for _, a in annotations.persons if a['image_id'] in images]
    if not located:
        persons = [{k: v for k, v in a.items() if k != 'keypoints'} for a in persons]
    out = []
    for misfit in misfits((a, images[a['image_id']]) for a in persons):
        place = f'{source.entry}.ann_file = {annotations.path}'
        what = 'boxes' if misfit.code.startswith('box') else 'located keypoints'
        count = f'{misfit.number} of {misfit.total} {what}'
        fault = f'{count} do not fit their images, the first of {misfit.first}.'
        if misfit.certain:
            remedy = misfit.guess or '`lfhpe check` lists them.'
            out.append(problem(misfit.code, place, fault, remedy))
        elif misfit.code != 'box-outside':  # refused with the boxes
            text = f'{place}: {fault} {misfit.guess} [{misfit.code}]'
            print_log(text, 'current', level=logging.WARNING)
    return out
