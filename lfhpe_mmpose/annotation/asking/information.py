"""Expected information of an answer that may be wrong, in bits."""

import numpy as np


def entropy(p: np.ndarray | float) -> np.ndarray:
    """Entropy in bits of yes/no answers of probability p."""
    q = np.clip(p, 1e-12, 1 - 1e-12)
    return np.asarray(-q * np.log2(q) - (1 - q) * np.log2(1 - q))


def expected_bits(inside: np.ndarray, error: float) -> np.ndarray:
    """Entropy of the answer less the entropy of the annotator's noise.

    Args:
        inside: Probability that "yes" is true.
        error: Share of wrong answers.
    """
    return np.maximum(entropy(error + (1 - 2 * error) * inside) - entropy(error), 0)
