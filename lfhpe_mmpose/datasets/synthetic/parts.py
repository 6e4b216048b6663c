"""Numbers of the body's parts in the part map of a picture.

To add a part, append its name; keypoints that lie on it name it in ``keypoints``.
"""

#: Numbers in the part map; 0 is the background. Pairs are left, right.
PARTS = (
    'background',
    'pelvis',
    'chest',
    'neck',
    'head',
    'l_upper_arm',
    'r_upper_arm',
    'l_forearm',
    'r_forearm',
    'l_hand',
    'r_hand',
    'l_thigh',
    'r_thigh',
    'l_shin',
    'r_shin',
    'l_foot',
    'r_foot',
)
PART = {name: number for number, name in enumerate(PARTS)}
