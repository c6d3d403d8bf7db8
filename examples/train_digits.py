"""Trains a neural network on scikit-learn's bundled digits, on as many nodes as you like, and goes on from its last checkpoint.

    python train_digits.py --checkpoints FOLDER [--nodes N] [--epochs N] [--rate R]

Right-click this file and choose Train…; give the job as many nodes as `--nodes`, and a checkpoint volume, whose path is the FOLDER.

Each node trains on its share of the images. After each epoch the first node averages the weights of all nodes, through files in FOLDER, which
they share. The average is the checkpoint: all nodes go on from it, in the next epoch or after the job was suspended, stopped or killed.
"""

import argparse
import json
import os
import ssl
import sys
import time
import urllib.request
from collections import deque
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

PATIENCE = 120  # Seconds that nodes wait for one another
KEPT = 3  # Checkpoints that are kept
UNSENT = deque(maxlen=100)  # The latest reports that were not taken, sent again with the next one


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--checkpoints", type=Path, required=True, help="folder that all nodes share")
    parser.add_argument("--nodes", type=int, default=1, help="how many nodes the job has")
    parser.add_argument("--epochs", type=int, default=500, help="how often each image is seen")
    parser.add_argument("--rate", type=float, default=0.0005, help="learning rate")
    given = parser.parse_args()
    rank = int(os.environ.get("JOB_COMPLETION_INDEX", 0))
    if rank >= given.nodes:
        sys.exit(f"The job has more nodes than --nodes {given.nodes}: give it the number of the job's nodes.")
    given.checkpoints.mkdir(parents=True, exist_ok=True)
    train(given.checkpoints, rank, given.nodes, given.epochs, given.rate)


def train(folder, rank, nodes, epochs, rate):
    images, test_images, labels, test_labels = data()
    images, labels = images[rank::nodes], labels[rank::nodes]
    model = MLPClassifier((64,), learning_rate_init=rate, random_state=0)
    model.partial_fit(images[:1], labels[:1], classes=range(10))  # makes the weights
    first, began, told = 1, time.monotonic(), 0.0
    if found := checkpoints(folder):
        put(model, load(found[-1]))
        first = int(found[-1].stem.split("-")[1]) + 1
        print(f"node {rank}: goes on after epoch {first - 1}", flush=True)
    for left_over in folder.glob(f"epoch-*-node-{rank}.npz"):
        if int(left_over.stem.split("-")[1]) < first:  # of the next epoch, the first node may be reading it
            left_over.unlink()
    for epoch in range(first, epochs + 1):
        model.partial_fit(images, labels)
        put(model, averaged(folder, epoch, rank, nodes, weights(model)))
        if rank > 0:
            continue
        guesses = model.predict_proba(test_images)
        metrics = {
            "loss": log_loss(test_labels, guesses),
            "accuracy": np.mean(guesses.argmax(axis=1) == test_labels),
        }
        said = ", ".join(f"{name} {value:.4f}" for name, value in metrics.items())
        print(f"epoch {epoch} of {epochs}: {said}", flush=True)
        now = time.monotonic()
        if now - told >= 1 or epoch == epochs:
            told = now
            left = (now - began) / (epoch - first + 1) * (epochs - epoch)
            report(100 * epoch // epochs, round(left), {"epoch": epoch, **metrics})
    print(f"node {rank}: has trained {epochs} epochs", flush=True)


def data():
    """Images and labels to train and to test on; each image to train on is there five times, shifted by a pixel to each side."""
    digits = load_digits()
    images, test_images, labels, test_labels = train_test_split(
        digits.images / 16, digits.target, random_state=0, stratify=digits.target
    )
    shifts = [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)]
    shifted = np.concatenate([np.roll(images, shift, axis=(1, 2)) for shift in shifts])
    order = np.random.default_rng(0).permutation(len(shifted))
    return (
        shifted.reshape(len(shifted), -1)[order],
        test_images.reshape(len(test_images), -1),
        np.tile(labels, len(shifts))[order],
        test_labels,
    )


def weights(model):
    return [*model.coefs_, *model.intercepts_]


def put(model, values):
    for own, value in zip(weights(model), values):
        own[...] = value  # in place: the optimizer holds these arrays


def averaged(folder, epoch, rank, nodes, own):
    """The nodes' weights after an epoch, averaged."""
    checkpoint = folder / f"epoch-{epoch:05}.npz"
    if rank > 0:
        save(part(folder, epoch, rank), own)
        return load(waited_for(checkpoint))
    parts = [part(folder, epoch, each) for each in range(1, nodes)]
    everybody = [own, *(load(waited_for(each)) for each in parts)]
    mean = [np.mean(same, axis=0) for same in zip(*everybody)]
    save(checkpoint, mean)
    for each in [*parts, *checkpoints(folder)[:-KEPT]]:
        each.unlink()
    return mean


def checkpoints(folder):
    return sorted(folder.glob("epoch-" + 5 * "[0-9]" + ".npz"))


def part(folder, epoch, rank):
    return folder / f"epoch-{epoch:05}-node-{rank}.npz"


def save(path, arrays):
    """Writes a file that is there as a whole or not at all."""
    new = path.with_suffix(".new")
    with new.open("wb") as file:
        np.savez(file, *arrays)
    new.replace(path)


def load(path):
    with np.load(path) as held:
        return [held[name] for name in held.files]


def waited_for(path):
    until = time.monotonic() + PATIENCE
    while not path.exists():
        if time.monotonic() > until:
            sys.exit(f"{path} has not come in {PATIENCE} s: do all nodes share this folder, and is --nodes their number?")
        time.sleep(0.005)
    return path


def report(percent, seconds_left, metrics):
    """Tells Kubeflow Trainer how far the training is, as the SDK's `update_trainjob_status` does; outside of a TrainJob it does nothing."""
    url = os.environ.get("KUBEFLOW_TRAINER_SERVER_URL")
    if not url:
        return
    status = {
        "lastUpdatedTime": datetime.now(timezone.utc).isoformat(),
        "progressPercentage": percent,
        "estimatedRemainingSeconds": seconds_left,
        "metrics": [{"name": name, "value": f"{value:.6g}"} for name, value in metrics.items()],
    }
    token = Path(os.environ["KUBEFLOW_TRAINER_SERVER_TOKEN"]).read_text().strip()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    context = ssl.create_default_context(cafile=os.environ["KUBEFLOW_TRAINER_SERVER_CA_CERT"])
    UNSENT.append(json.dumps({"trainerStatus": status}).encode())
    try:
        while UNSENT:
            request = urllib.request.Request(url, UNSENT[0], headers)
            urllib.request.urlopen(request, timeout=5, context=context).close()
            UNSENT.popleft()
    except OSError as error:  # the training is worth more than the report
        print(f"The report was not taken: {error}", flush=True)
        if 400 <= getattr(error, "code", 0) < 500:  # nor would it be a second time
            UNSENT.popleft()


if __name__ == "__main__":
    main()
