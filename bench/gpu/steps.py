"""What the GPU does with a batch, and how long it stood still before it.

Idle time is the device's own: from the end of a step to the begin of the next, by events in the
stream that reads batches. The begin is recorded behind whatever that stream had to wait for.
"""
RESNET50_US_A_PICTURE = 330  # training in bfloat16 on an H100, for the step that only sleeps


def nothing(torch, batch):
    return lambda images: images[0, 0, 0, 0] + 0  # one read, so that the batch must be there


def emulated(torch, batch):
    """A sleep on the device as long as a step; its clock is measured first."""
    begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    cycles = 50_000_000
    torch.cuda._sleep(cycles)
    begin.record()
    torch.cuda._sleep(cycles)
    end.record()
    end.synchronize()
    wanted = int(cycles * batch * RESNET50_US_A_PICTURE / 1000 / begin.elapsed_time(end))
    return lambda images: torch.cuda._sleep(wanted)


def resnet50(torch, batch):
    """A real step: forward, backward and SGD, bfloat16, channels last."""
    import torchvision
    model = torchvision.models.resnet50().cuda().to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
    labels = torch.zeros(batch, dtype=torch.long, device="cuda")

    def step(images):
        images = images.to(memory_format=torch.channels_last)
        with torch.autocast("cuda", torch.bfloat16):
            loss = torch.nn.functional.cross_entropy(model(images), labels[:len(images)])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    return step


STEPS = {"no step": nothing, "an emulated step": emulated, "a ResNet-50 step": resnet50}


def idle_share(marks):
    """Of the time from the first step's begin to the last one's end; marks are (begin, end)."""
    if len(marks) < 2:
        return 0.0
    marks[-1][1].synchronize()
    idle = sum(before[1].elapsed_time(after[0]) for before, after in zip(marks, marks[1:]))
    return max(0.0, idle / marks[0][0].elapsed_time(marks[-1][1]))
