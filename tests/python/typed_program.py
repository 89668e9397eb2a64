"""A user's program, for the type checker only: what docs/python.md shows."""
import headrace as hr

train = hr.Loader("packed", batch=256, seed=7,
                  fields={"image": hr.image("jpg").random_resized_crop(224).flip()
                          .normalize(hr.IMAGENET),
                          "label": hr.integer("cls")})
for epoch in range(train.epoch, 90):
    train.set_epoch(epoch)
    for batch in train:
        image = batch["image"]
count: int = len(train)
state: dict[str, object] = train.state_dict()
train.load_state_dict(state)
verdict: hr.Verdict = train.verdict()
code: str = hr.Error("no").code
