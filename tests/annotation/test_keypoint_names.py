"""Keypoint names from a list, a metainfo file and a tag file."""

import subprocess
import sys

import pytest
from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.registry import DATASETS

from lfhpe_mmpose.annotation.keypoint_names import metainfo_keypoints, read_names
from lfhpe_mmpose.tags import load_tag_file
from tests.refusal import refuses


class TestReadNames:
    """`read_names`."""

    def test_three_sources(self, people):
        """A list, a metainfo of MMPose, a tag file."""
        assert read_names(keypoints='head, tail') == (['head', 'tail'], [])
        names, skeleton = read_names(metainfo='coco')
        assert names[0] == 'nose' and [16, 14] in skeleton and len(skeleton) == 19
        file = people / 'annotations' / 'person_keypoints_train.json'
        assert read_names(like=str(file))[0] == load_tag_file(file).names()

    @pytest.mark.parametrize(
        ('options', 'code', 'place'),
        [
            (dict(), 'option', '--keypoints'),
            (dict(keypoints='a', metainfo='coco'), 'option', '--keypoints'),
            (dict(keypoints='a,a'), 'keypoint-names', '--keypoints[1]'),
            (dict(keypoints='a,,b'), 'keypoint-names', '--keypoints[1]'),
        ],
    )
    def test_mistakes(self, options, code, place):
        """Each names its place."""
        with refuses(code, place=place):
            read_names(**options)


class TestMetainfo:
    """`metainfo_keypoints`."""

    @pytest.mark.parametrize(
        ('name', 'dataset'),
        [
            ('aic', 'AicDataset'),
            ('ap10k', 'AP10KDataset'),
            ('coco', 'CocoDataset'),
            ('crowdpose', 'CrowdPoseDataset'),
            ('lspet', 'LspExtendedDataset'),
            ('mpii', 'MpiiDataset'),
            ('ochuman', 'OCHumanDataset'),
        ],
    )
    def test_as_mmpose_reads_it(self, name, dataset):
        """The same names and limbs as MMPose's parser, for the class of each prepared set."""
        import lfhpe_mmpose.datasets  # noqa: F401  registers LspExtendedDataset

        parsed = parse_pose_metainfo(dict(DATASETS.get(dataset).METAINFO))
        names, skeleton = metainfo_keypoints(name)
        assert names == [parsed['keypoint_id2name'][i] for i in range(len(names))]
        assert skeleton == [[a + 1, b + 1] for a, b in parsed['skeleton_links']]

    def test_without_mmpose(self):
        """Neither MMPose nor torch is imported."""
        code = (
            'import sys; from lfhpe_mmpose.annotation.keypoint_names import metainfo_keypoints;'
            "assert metainfo_keypoints('coco')[0];"
            "assert not {'mmpose', 'torch', 'mmengine'} & set(sys.modules)"
        )
        subprocess.run([sys.executable, '-c', code], check=True)

    def test_mistakes(self, tmp_path):
        """A misspelt name gets a suggestion; a file must define the keypoints."""
        with refuses('metainfo', place='cocco') as caught:
            metainfo_keypoints('cocco')
        assert "'coco'" in caught.value.remedy
        for text in ('x = 1', 'dataset_info = dict(keypoint_info={1: dict(name="a")})', 'x ='):
            (tmp_path / 'info.py').write_text(text)
            with refuses('metainfo', place='info.py'):
                metainfo_keypoints(str(tmp_path / 'info.py'))
