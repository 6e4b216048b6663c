# 2 keypoints, made from train.json by lfhpe metainfo.
dataset_info = dict(
    dataset_name='pen',
    paper_info=dict(author='', title='', container='', year='', homepage=''),
    keypoint_info={
        0: dict(name='tip', id=0, color=[255, 51, 51], type='', swap=''),
        1: dict(name='cap', id=1, color=[51, 255, 255], type='', swap=''),
    },
    skeleton_info={
        0: dict(link=('tip', 'cap'), id=0, color=[51, 153, 255]),
    },
    joint_weights=[1.0, 1.0],
    sigmas=[0.072, 0.072],
)
