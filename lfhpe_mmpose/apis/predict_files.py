"""Prediction from image files to a file of JSON lines and to pictures."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import mmcv

from lfhpe_mmpose.files.writing import write_bytes
from lfhpe_mmpose.launch.threads import choose_threads
from lfhpe_mmpose.runtime.image_lists import list_images, output_path, picture_paths
from lfhpe_mmpose.runtime.predict import write_results
from lfhpe_mmpose.runtime.prediction_lines import PredictionFile, header_of
from lfhpe_mmpose.runtime.results import ImagePoses
from lfhpe_mmpose.runtime.streams import map_ahead
from lfhpe_mmpose.runtime.video.clip_lists import find_clips
from lfhpe_mmpose.runtime.video.predict import VideoSettings, predict_videos
from lfhpe_mmpose.scores import SCORE_THRESHOLD

from .inference import draw, note_scores
from .predictor import PosePredictor


def predict_files(
    config: str,
    images: Sequence[str],
    out: str | None = None,
    weights: str | None = None,
    resume: bool = False,
    draw: str | None = None,
    draw_heatmap: bool = False,
    kpt_thr: float = SCORE_THRESHOLD,
    smooth: bool = False,
    rate: float | None = None,
    **options: Any,
) -> None:
    """Find the keypoints in images or in videos, write them, and print how fast it was.

    Args:
        config: The short name of a packaged config, or a config file.
        images: Images, folders with their sub-folders, and videos; see ``find_clips``.
        out: File of JSON lines; see ``prediction_lines``. Defaults to ``keypoints.jsonl`` in
            ``draw``.
        weights: See ``init_model``.
        resume: Continue ``out``.
        draw: Folder for pictures with the keypoints, or the drawn video. Defaults to none.
        draw_heatmap: Put the refined maps below the pictures.
        kpt_thr: Minimum score of a drawn keypoint.
        smooth, rate: See ``VideoSettings``.
        options: Arguments of ``PosePredictor``.

    Raises:
        UserError: If an argument cannot be used.
    """
    clips = find_clips(images, out, draw)
    names = {} if clips else list_images(images)
    pictures = {} if clips or draw is None else picture_paths(names, draw)
    path = None if clips else output_path(out, draw)
    choose_threads(int(options.get('workers', 2)), detector=options.get('detector') is not None)
    predictor = PosePredictor(config, weights, keep_pixels=bool(pictures), **options)
    if draw_heatmap:
        predictor.model.test_cfg['output_heatmaps'] = True
    meta = predictor.model.dataset_meta
    skeleton = [list(map(int, link)) for link in meta['skeleton_links']]
    header = header_of(
        [meta['keypoint_id2name'][i] for i in range(meta['num_keypoints'])],
        skeleton,
        config=config,
        weights=weights and Path(weights).name,
        detector=options.get('detector'),
        detector_weights=_name(options.get('detector_weights')),
        bbox_thr=options.get('bbox_thr'),
        precision=options.get('precision'),
    )
    if path is None:
        detected = predictor.detector is not None
        wanted = VideoSettings(skeleton, detected, smooth, kpt_thr, resume, rate)
        predict_videos(predictor, clips, header, wanted)
        return
    painter = None
    if pictures:
        note_scores(predictor.model)
        painter = _Painter(predictor, pictures, kpt_thr, draw_heatmap)

    def results(todo: list[str]) -> Iterator[ImagePoses]:
        stream: Iterator[ImagePoses] = predictor(todo)
        if painter is None:
            return stream
        return map_ahead(painter, stream, predictor.workers, predictor.workers)

    write_results(results, PredictionFile(path, header, resume), list(names), draw, kpt_thr)


class _Painter:
    """Draws a result on the pixels it came from, writes the picture, and drops the pixels."""

    def __init__(
        self, predictor: PosePredictor, paths: dict[str, Path], kpt_thr: float, heatmap: bool
    ) -> None:
        self.model, self.paths = predictor.model, paths
        self.kpt_thr, self.heatmap = kpt_thr, heatmap

    def __call__(self, result: ImagePoses) -> ImagePoses:
        """Draw; several threads may do so."""
        if result.pixels is not None:
            picture = draw(
                result.pixels,
                [person.sample for person in result.persons],
                self.model,
                kpt_thr=self.kpt_thr,
                draw_heatmap=self.heatmap,
            )
            path = self.paths[str(result.image)]
            _, encoded = cv2.imencode(path.suffix, mmcv.rgb2bgr(picture))
            write_bytes(path, encoded.tobytes())
        result.pixels = None
        for person in result.persons:
            person.sample.pop('pred_fields', None)
        return result


def _name(path: Any) -> str | None:
    return None if path is None else Path(path).name
