"""Build one recipe as its user's process does, take one training step, evaluate two persons.

    python run_recipe.py CONFIG RESULT.json

Changed are the size of a batch, the worker processes, the length of the val set, and that nothing
is downloaded. The config is read and built by MMEngine alone: whatever it needs to be imported it
must name itself.
"""

import json
import sys
from pathlib import Path

from mmengine.config import Config
from mmengine.runner import Runner


def prepare(path: str) -> Config:
    """Read the recipe and make it small."""
    cfg = Config.fromfile(path)
    cfg.work_dir = 'work_dir'
    cfg.model.backbone.init_cfg = None
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        loader.update(batch_size=2, num_workers=0, persistent_workers=False)
    # Two persons of one image: COCO's metric then has nothing missing.
    cfg.val_dataloader.dataset.indices = 2
    cfg.log_level = 'WARNING'
    return cfg


def step(runner: Runner, batch: dict) -> dict:
    """One training step; the losses before it, and the parameters that it has changed."""
    model = runner.model.train()
    optim_wrapper = runner.build_optim_wrapper(runner.cfg.optim_wrapper)
    before = {n: p.detach().clone() for n, p in model.named_parameters() if p.requires_grad}
    data = model.data_preprocessor(batch, True)
    losses = model(**data, mode='loss')
    total, logs = model.parse_losses(losses)
    optim_wrapper.update_params(total)
    changed = [n for n, p in model.named_parameters() if n in before and not p.equal(before[n])]
    return dict(
        losses={name: float(value) for name, value in logs.items()},
        changed=len(changed),
        parts=sorted({name.partition('.')[0] for name in changed}),
        parameters=len(before),
        finite=all(bool(p.isfinite().all()) for p in model.parameters()),
    )


def describe(sample: dict) -> dict:
    """The shapes and the tags of a packed sample."""
    labels = sample['data_samples'].gt_instance_labels
    return dict(
        inputs=list(sample['inputs'].shape),
        keypoint_tags=list(labels.keypoint_tags.shape),
        tag_values=sorted(set(labels.keypoint_tags.flatten().tolist())),
        tag_views=list(labels.tag_views.shape),
        located=bool(labels.located.all()),
    )


def run(path: str) -> dict:
    """All that the tests ask about."""
    runner = Runner.from_cfg(prepare(path))
    loader = runner.build_dataloader(runner.cfg.train_dataloader)
    dataset = loader.dataset
    door = dataset.pipeline.transforms[0]
    located = [bool(door(dataset.get_data_info(i))['located'][0]) for i in range(len(dataset))]
    # One located and one tagged person where there are both.
    chosen = sorted({located.index(kind) for kind in set(located)} | {0, 1}, reverse=True)
    if len(set(located)) == 2:
        chosen = [located.index(True), located.index(False)]
    samples = [dataset[i] for i in chosen[:2]]
    result = dict(
        located=sum(located),
        persons=len(located),
        train=[describe(sample) for sample in samples],
        **step(runner, loader.collate_fn(samples)),
    )
    result['metrics'] = {name: float(value) for name, value in runner.val().items()}
    result['val'] = describe(runner.val_dataloader.dataset[0])
    return result


if __name__ == '__main__':
    Path(sys.argv[2]).write_text(json.dumps(run(sys.argv[1])))
