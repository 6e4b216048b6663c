"""The kinds of faults: code, severity, meaning, remedy. One line here for each."""

from dataclasses import dataclass

ERROR, WARNING = 'error', 'warning'


@dataclass(frozen=True)
class Kind:
    """A kind of fault.

    Attributes:
        code (str): Its name, for ``--ignore`` and for programs.
        severity (str): ``'error'`` or ``'warning'``.
        meaning (str): What is wrong.
        remedy (str): What the user can do.
    """

    code: str
    severity: str
    meaning: str
    remedy: str


_REMOVE = 'correct these entries, or remove them'

KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        # The file as a whole. None of these can be ignored: nothing behind them was read.
        Kind('empty-file', ERROR, 'the file has no content', 'copy or write it again'),
        Kind('encoding', ERROR, 'the file is not UTF-8 text', 'save it as UTF-8 without a mark'),
        Kind('cut-off', ERROR, 'the file ends in the middle', 'copy or write it again'),
        Kind('not-json', ERROR, 'the file is not JSON', 'correct the place, or write it again'),
        Kind('nesting', ERROR, 'values are nested too deep', 'write flat lists as COCO has them'),
        Kind(
            'structure',
            ERROR,
            'not a COCO-style file',
            "give an object with the lists 'images', 'annotations' and 'categories'",
        ),
        Kind('version', ERROR, 'the version of the file', 'update lfhpe_mmpose'),
        # Entries.
        Kind('duplicate-key', ERROR, 'a key is twice in one object', 'keep one of them'),
        Kind('malformed', ERROR, 'a value is missing, or of a wrong type', _REMOVE),
        Kind('not-finite', ERROR, 'NaN or infinity', 'write numbers; leave out what is unknown'),
        Kind('duplicate-id', ERROR, 'an id is used twice', 'give every entry an id of its own'),
        Kind('duplicate-image', WARNING, 'images with one file_name', 'merge their entries'),
        Kind('unknown-image', ERROR, 'image_id that no image has', 'add the image, or correct it'),
        Kind(
            'unknown-category',
            ERROR,
            'category_id that does not exist',
            'use the id of a category',
        ),
        # Keypoints.
        Kind(
            'no-keypoints',
            ERROR,
            'no category names its keypoints',
            "give a category the list 'keypoints', or pass --metainfo",
        ),
        Kind(
            'keypoint-sets',
            ERROR,
            'categories with different keypoints',
            'put them into files of their own; a data set has one set of keypoints',
        ),
        Kind('keypoint-names', ERROR, 'a keypoint without a name of its own', 'name each once'),
        Kind(
            'skeleton', ERROR, 'a limb that is no pair of keypoints', 'count from 1, as COCO does'
        ),
        Kind(
            'metainfo-names',
            ERROR,
            'other keypoints than those of the metainfo',
            'use the metainfo of this file (tools/make_metainfo.py), in the same order',
        ),
        Kind(
            'metainfo-swap',
            ERROR,
            'left and right are not exchanged by the metainfo when a picture is flipped',
            "set 'swap' of both keypoints to each other",
        ),
        Kind(
            'no-flip-pair',
            ERROR,
            'named after a side, without the other side; flipped pictures would teach it wrongly',
            'name the pair alike, or train without flipping and pass --ignore no-flip-pair',
        ),
        # Tags.
        Kind(
            'unknown-keypoint',
            ERROR,
            'a tag of a keypoint that does not exist',
            'correct the name',
        ),
        Kind('wrong-tag', ERROR, 'a tag that is not 1, 0 or -1', 'write 1, 0 or -1'),
        Kind(
            'tag-count',
            ERROR,
            'not one tag a keypoint',
            'give one tag a keypoint in the order of the category, or an object by name',
        ),
        Kind(
            'contradiction',
            WARNING,
            'a located keypoint is tagged as not seen',
            'correct the tag or the visibility; in training the tag stands',
        ),
        Kind(
            'teaches-nothing',
            WARNING,
            'persons without a coordinate and without a known tag',
            'tag them, or remove them',
        ),
        Kind('no-persons', ERROR, 'nobody to learn from', 'add persons with tags or coordinates'),
        Kind(
            'never-present',
            ERROR,
            'a keypoint that is never seen cannot be learnt from tags',
            'tag pictures where it is seen, or remove the keypoint',
        ),
        Kind(
            'never-absent',
            ERROR,
            'a keypoint that is never absent cannot be learnt from tags',
            'add tagged views (tag_views) that do not show it, or persons of whom it is hidden',
        ),
        Kind(
            'never-tagged',
            ERROR,
            'a keypoint without one known tag',
            'tag it, or remove the keypoint',
        ),
        # Boxes and coordinates.
        Kind('box', ERROR, 'a box that cannot be used', 'give [x, y, width, height] in pixels'),
        Kind('box-outside', ERROR, 'a box wholly outside its image', _REMOVE),
        Kind('view', ERROR, 'a view that cannot be used', 'give a bbox with an area, and tags'),
        Kind(
            'view-outside',
            ERROR,
            'a view wholly outside its image',
            'give it in pixels of the image',
        ),
        Kind(
            'view-partly-outside',
            WARNING,
            'a view that sticks out of its image by more than a pixel',
            'nothing, if it was drawn so; else give it in pixels of the image',
        ),
        Kind(
            'keypoint-count', ERROR, 'not x, y, visibility for each keypoint', 'complete the list'
        ),
        Kind('visibility', ERROR, 'a visibility that is not 0, 1 or 2', 'write 0, 1 or 2'),
        Kind(
            'point-outside',
            ERROR,
            'a located keypoint more than a pixel outside its image',
            'correct it, or set its x, y, visibility to 0',
        ),
        Kind(
            'num-keypoints',
            WARNING,
            "'num_keypoints' is not the number of located keypoints",
            'correct it, or leave it out',
        ),
        # Image files.
        Kind('missing-image', ERROR, 'an image file that does not exist', 'correct --images'),
        Kind(
            'unreadable-image', ERROR, 'an image file that is cut off or no image', 'copy it again'
        ),
        Kind(
            'image-size',
            ERROR,
            'width and height are not those of the image file',
            'correct them; boxes and coordinates belong to the size in the tag file',
        ),
        # Other files.
        Kind('shared-image', ERROR, 'an image of both files', 'keep it in one of them'),
        Kind(
            'shared-name',
            WARNING,
            'a file_name of both files, in different folders',
            'make sure that the images differ (--same-bytes)',
        ),
    )
}
# Nothing can be trained or checked where one of these was found.
FATAL = ('empty-file', 'encoding', 'cut-off', 'not-json', 'nesting', 'structure', 'version')
