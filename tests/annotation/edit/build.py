"""A tag file with persons of every kind, for the tests of the editing functions."""

from lfhpe_mmpose.tags import TagFile

NAMES = ['nose', 'left_wrist', 'right_wrist']


def mixed_file(num_images: int = 40, path: str = 'tags.json') -> TagFile:
    """Two persons an image; of four persons one is tagged, one has views, two are located."""
    tags = TagFile.new(NAMES, [(1, 2), (1, 3)])
    tags.path = path
    for i in range(1, num_images + 1):
        tags.images.append(
            dict(id=i, file_name=f'day{i % 5}/{i:04}.jpg', width=100, height=80, video=i // 4)
        )
        for side in (0, 1):
            person = dict(id=10 * i + side, image_id=i, category_id=1, bbox=[50 * side, 0, 40, 80])
            kind = (2 * i + side) % 4
            if kind == 0:
                person['keypoint_tags'] = {'nose': 1, 'left_wrist': 0}
            elif kind == 1:
                person['tag_views'] = [dict(bbox=[0, 0, 30, 30], keypoint_tags=[1, 0, -1])]
            else:
                person.update(
                    keypoints=[5.5, 7.5, 2, 15, 20, 1, 0, 0, 0],
                    num_keypoints=2,
                    segmentation=[[1, 2, 3]],
                )
            tags.annotations.append(person)
    return tags


def ids(tags: TagFile) -> set:
    """Ids of the images."""
    return {image['id'] for image in tags.images}


def person_ids(tags: TagFile) -> list:
    """Ids of the persons, in order."""
    return [person['id'] for person in tags.annotations]
