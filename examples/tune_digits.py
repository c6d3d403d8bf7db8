"""Trains a small neural network on scikit-learn's bundled digits, in a second or two; its options are there to be tuned.

    python tune_digits.py [--rate R] [--units N] [--decay D] [--solver adam|sgd] [--epochs N]

Right-click this file and choose Tune…: the options are the search space, and `accuracy`, which each epoch prints as Katib reads it, is the
objective. Since it is printed more than once, trials have curves, and those that lag behind can be stopped early.
"""

import argparse

from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rate", type=float, default=0.001, help="learning rate")
    parser.add_argument("--units", type=int, default=32, help="units of the hidden layer")
    parser.add_argument("--decay", type=float, default=0.0001, help="how much large weights cost")
    parser.add_argument(
        "--solver", choices=["adam", "sgd"], default="adam", help="how weights are improved"
    )
    parser.add_argument("--epochs", type=int, default=15, help="how often each image is seen")
    given = parser.parse_args()
    train(given.rate, given.units, given.decay, given.solver, given.epochs)


def train(rate, units, decay, solver, epochs):
    images, labels = load_digits(return_X_y=True)
    images, test_images, labels, test_labels = train_test_split(
        images / 16, labels, random_state=0, stratify=labels
    )
    model = MLPClassifier(
        (units,), learning_rate_init=rate, alpha=decay, solver=solver, random_state=0
    )
    for epoch in range(1, epochs + 1):
        model.partial_fit(images, labels, classes=range(10))
        accuracy = model.score(test_images, test_labels)
        loss = log_loss(test_labels, model.predict_proba(test_images))
        print(f"epoch {epoch}: accuracy={accuracy:.4f} loss={loss:.4f}", flush=True)


if __name__ == "__main__":
    main()
