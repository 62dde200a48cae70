"""The fused updates are Keras's own; averages are not."""

import keras
import numpy as np
import pytest

from seqtasks.config import LanguageTrainingConfig, TrainingConfig
from seqtasks.pipelines import optimizers


def walked(optimizer) -> list[np.ndarray]:
    """Two weights after some updates with gradients of several sizes."""
    rng = np.random.default_rng(0)
    weights = [keras.Variable(rng.normal(size=shape).astype("f"), name=f"w{len(shape)}") for shape in ([5, 3], [4])]
    optimizer.build(weights)
    for step in range(7):
        gradients = [keras.ops.convert_to_tensor(rng.normal(size=w.shape).astype("f") * 3**step) for w in weights]
        optimizer.apply(gradients, weights)
    return [np.array(weight) for weight in weights]


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize("name", ["adamw", "sgd"])
def test_a_fused_update_is_kerass(name, weight_decay):
    config = LanguageTrainingConfig(
        optimizer=name, learning_rate=0.1, warmup=0, decay=1.0, clip_norm=2.0, weight_decay=weight_decay
    )
    options = {"global_clipnorm": 2.0, "weight_decay": weight_decay or None}
    kerass = {
        "adamw": lambda: keras.optimizers.AdamW(0.1, beta_2=0.99, **options),
        "sgd": lambda: keras.optimizers.SGD(0.1, **options),
    }
    if name == "adamw" and not weight_decay:
        kerass["adamw"] = lambda: keras.optimizers.Adam(0.1, beta_2=0.99, global_clipnorm=2.0)
    compare(optimizers.make(config, 10), kerass[name]())


def test_the_update_of_the_other_tasks_is_kerass_adam():
    config = TrainingConfig(learning_rate=0.1, warmup=0, decay=1.0, clip_norm=2.0, average=1.0)
    compare(optimizers.make(config, 10), keras.optimizers.Adam(0.1, beta_2=0.99, global_clipnorm=2.0))


def compare(ours, theirs):
    for one, other in zip(walked(ours), walked(theirs), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("average", [1e-6, 0.3, 1.0, 1e6])
def test_the_average_holds_nothing_of_the_weights_before_the_first_update(average):
    optimizer = optimizers.make(TrainingConfig(learning_rate=0.1, warmup=0, average=average), 10)
    weight = keras.Variable(np.full([3], 1000, "f"))
    optimizer.build([weight])
    seen = []
    for step in range(7):
        optimizer.apply([keras.ops.convert_to_tensor(np.array([1, -(3.0**step), step], "f"))], [weight])
        seen.append(np.array(weight))
        shares = np.exp(-np.arange(len(seen))[::-1] / (10 * average))
        expected = np.average(seen, axis=0, weights=shares)
        np.testing.assert_allclose(np.array(optimizer._model_variables_moving_average[0]), expected, rtol=1e-6)


def test_the_step_size_of_sgd_falls_where_dev_does_not_rise():
    config = LanguageTrainingConfig(optimizer="sgd", learning_rate=8.0, plateau=0.5)
    optimizer = optimizers.make(config, 10)
    for best, expected in ((True, 8), (False, 4), (True, 4), (False, 2)):
        optimizers.after_epoch(optimizer, config, best)
        assert float(optimizer.learning_rate) == expected


@pytest.mark.parametrize("config", [TrainingConfig(warmup=0), LanguageTrainingConfig(warmup=0)])
def test_a_schedule_is_left_alone(config):
    optimizer = optimizers.make(config, 10)
    before = float(optimizer.learning_rate)
    optimizers.after_epoch(optimizer, config, False)
    assert float(optimizer.learning_rate) == before > 0
